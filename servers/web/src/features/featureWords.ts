import { defineWords } from '../language/words'

export const featureWords = defineWords(
  {
    nothing: 'Nothing is selected', nothingHelp: 'Click something on the map, or search for its name.',
    facts: 'Facts', more: 'More from the source', assumed: 'Assumed', assumedWhy: 'Assumed: {why}', corrected: 'Corrected', correctedFrom: 'Corrected: the source says {value}',
    source: 'Source', importedAt: 'Imported', importer: 'Importer', attribution: 'Attribution', noSource: 'No source is recorded', synthetic: 'Synthetic data', fingerprint: 'Fingerprint',
    zoom: 'Show on map', copy: 'Copy link',
    correct: 'Correct values', correctHelp: 'Corrections are kept apart from the source and survive a new import.', note: 'How is the right value known?', noteHelp: 'For example: site visit, street sign, drawing', save: 'Save correction', cancel: 'Cancel', saved: 'Corrected', unchanged: 'Change a value to save',
    wholeNumber: 'Enter a whole number', number: 'Enter a number', empty: 'unknown', yes: 'yes', no: 'no', pastHelp: 'Go back to now to correct values.',
    history: 'History', noHistory: 'Never corrected', withdraw: 'Withdraw', withdrawn: 'withdrawn', active: 'in force', conflict: 'the source has changed since', confirmed: 'the source agrees by now', orphaned: 'the feature is gone from the source', local: 'this computer', withdrawnNow: 'Correction withdrawn',
    group: 'Part of {name}', groupParts: '{n} parts in all', measures: 'What would happen if…', intoPlan: 'Adds the measure to the plan “{plan}”.', intoNew: 'Adds the measure to a new plan.', measuresPast: 'Go back to now to plan from here.', wholeStructure: 'It applies to all parts of {name}.',
    layers: 'Layers', layersHelp: 'What the city knows. Switch layers off to see others better.', show: 'Show {layer}', rows: '{n} features', raster: 'raster', level: 'CIM level {n}', grade: 'Grade', version: 'since version {n}', download: 'Download {layer} as {form}', labels: 'Names on the map', noLayers: 'The city has no layers yet', noLayersHelp: 'Bring some in: cim import osm FILE', extent: 'Extent',
    public: 'public', internal: 'internal', confidential: 'confidential', secret: 'secret',
    quality: 'Data quality', qualityHelp: 'What each import read, mended, left out and had to assume.', repaired: 'Repaired', dropped: 'Left out', assumedValues: 'Assumed values', warnings: 'Warnings', clean: 'Nothing repaired, left out or assumed.', noQuality: 'No import has been recorded yet', keptOf: '{kept} of {read} kept',
    corrections: 'Corrections', noCorrections: 'Nobody has corrected anything. Open a feature on the map to correct its values.', conflicts: '{n} in conflict with the source', open: 'Open', from: 'was',
  },
  {
    nothing: '尚未选中要素', nothingHelp: '在地图上点击，或搜索名称。',
    facts: '基本信息', more: '来源中的其他信息', assumed: '推定', assumedWhy: '推定值：{why}', corrected: '已更正', correctedFrom: '已更正，来源值为 {value}',
    source: '来源', importedAt: '导入时间', importer: '导入方式', attribution: '署名', noSource: '没有来源记录', synthetic: '虚构数据', fingerprint: '指纹',
    zoom: '在地图上显示', copy: '复制链接',
    correct: '更正数据', correctHelp: '更正与来源分开保存，重新导入后依然有效。', note: '正确值从何得知？', noteHelp: '例如：现场核实、路牌、图纸', save: '保存更正', cancel: '取消', saved: '已更正', unchanged: '修改数值后方可保存',
    wholeNumber: '请填整数', number: '请填数字', empty: '未知', yes: '是', no: '否', pastHelp: '回到现在才能更正数据。',
    history: '更正记录', noHistory: '从未更正', withdraw: '撤回', withdrawn: '已撤回', active: '生效中', conflict: '来源此后有变化', confirmed: '来源已与更正一致', orphaned: '来源中已无此要素', local: '本机', withdrawnNow: '更正已撤回',
    group: '属于{name}', groupParts: '共 {n} 段', measures: '如果……会怎样', intoPlan: '把措施加入方案“{plan}”。', intoNew: '把措施加入新方案。', measuresPast: '回到现在才能由此制定方案。', wholeStructure: '作用于{name}的所有部分。',
    layers: '图层', layersHelp: '城市掌握的数据。可关闭部分图层以便查看。', show: '显示{layer}', rows: '{n} 个要素', raster: '栅格', level: 'CIM {n} 级', grade: '级别', version: '第 {n} 版起', download: '下载{layer}（{form}）', labels: '地图注记', noLayers: '城市里还没有图层', noLayersHelp: '导入数据：cim import osm 文件', extent: '范围',
    public: '公开', internal: '内部', confidential: '秘密', secret: '机密',
    quality: '数据质量', qualityHelp: '每次导入读取、修复、舍弃和推定了什么。', repaired: '修复', dropped: '舍弃', assumedValues: '推定值', warnings: '提醒', clean: '没有修复、舍弃或推定。', noQuality: '还没有导入记录', keptOf: '保留 {kept} / 读取 {read}',
    corrections: '更正', noCorrections: '还没有更正。在地图上打开要素即可更正其数据。', conflicts: '{n} 条与来源冲突', open: '查看', from: '原为',
  },
)
