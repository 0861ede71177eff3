import { defineWords } from '../../language/words'

export const formsWords = defineWords(
  {
    required: 'This is needed', type: 'This is not the right kind of value', enum: 'Choose one of the values offered',
    minimum: 'At least {limit}', exclusiveMinimum: 'More than {limit}', maximum: 'At most {limit}',
    exclusiveMaximum: 'Less than {limit}', multipleOf: 'A multiple of {limit}', minLength: 'At least {limit} characters',
    maxLength: 'At most {limit} characters', pattern: 'This is not written as it should be', minItems: 'At least {limit} entries',
    maxItems: 'At most {limit} entries', other: 'This does not fit', unknown: 'This field is not known here',
    more: 'More options ({count})', fewer: 'Fewer options', clock: 'e.g. 07:30',
    add: 'Add', remove: 'Remove', up: 'Move up', down: 'Move down', item: 'Entry {number}',
    jsonFault: 'Not valid JSON: {fault}', yes: 'Yes', no: 'No',
    pick: 'Pick on the map', picking: 'Click the map… (Esc stops)', searchFor: 'Search by name',
    noneFound: 'No match in this layer', typeToSearch: 'Type a name', wholeStreet: 'Take all of “{name}”',
    keepWritten: 'Use “{text}” as written',
    upload: 'Upload a file', uploading: 'Uploading…', chooseFile: 'Choose an uploaded file', upTo: 'up to {size} MB',
  },
  {
    required: '请填写此项', type: '值的类型不对', enum: '请从选项中选择', minimum: '不小于 {limit}', exclusiveMinimum: '须大于 {limit}',
    maximum: '不大于 {limit}', exclusiveMaximum: '须小于 {limit}', multipleOf: '须为 {limit} 的倍数', minLength: '至少 {limit} 个字符',
    maxLength: '最多 {limit} 个字符', pattern: '格式不对', minItems: '至少 {limit} 项', maxItems: '最多 {limit} 项', other: '该值不符合要求',
    unknown: '无法识别的字段', more: '更多选项（{count}）', fewer: '收起选项', clock: '如 07:30',
    add: '添加', remove: '移除', up: '上移', down: '下移', item: '第 {number} 项', jsonFault: 'JSON 格式错误：{fault}',
    yes: '是', no: '否', pick: '在地图上选取', picking: '请点击地图…（Esc 取消）', searchFor: '按名称搜索',
    noneFound: '该图层中没有匹配项', typeToSearch: '输入名称', wholeStreet: '改为整条“{name}”',
    keepWritten: '按原文使用“{text}”',
    upload: '上传文件', uploading: '正在上传…', chooseFile: '选择已上传的文件', upTo: '不超过 {size} MB',
  },
)

export type FormsWord = keyof (typeof formsWords)['en']
