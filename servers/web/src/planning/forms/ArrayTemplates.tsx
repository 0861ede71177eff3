// Lists in a form: entries with move and remove beside them, "add" beneath.
import { ArrowDownOutlined, ArrowUpOutlined, CloseOutlined, PlusOutlined } from '@ant-design/icons'
import { buttonId, type ArrayFieldItemTemplateProps, type ArrayFieldTemplateProps } from '@rjsf/utils'
import { Button } from 'antd'
import { useWords } from '../../language/words'
import { formsWords } from './formsWords'

export function ArrayTemplate({ items, canAdd, onAddClick, title, schema, fieldPathId, disabled }: ArrayFieldTemplateProps) {
  const t = useWords(formsWords)
  return (
    <fieldset className="fields" id={fieldPathId.$id}>
      {title && <legend className="field-label">{title}</legend>}
      {schema.description && <p className="field-description">{schema.description}</p>}
      <ol className="entries">{items}</ol>
      {canAdd && (
        <Button size="small" icon={<PlusOutlined aria-hidden />} id={buttonId(fieldPathId, 'add')} disabled={disabled} onClick={onAddClick}>
          {t('add')}
        </Button>
      )}
    </fieldset>
  )
}

export function ArrayItemTemplate({ children, buttonsProps, index, hasToolbar }: ArrayFieldItemTemplateProps) {
  const t = useWords(formsWords)
  const { hasMoveUp, hasMoveDown, hasRemove, onMoveUpItem, onMoveDownItem, onRemoveItem, disabled } = buttonsProps
  const name = t('item', { number: index + 1 })
  return (
    <li className="entry" aria-label={name}>
      <div className="entry-content">{children}</div>
      {hasToolbar && (
        <div className="entry-tools">
          {hasMoveUp && <Button size="small" type="text" aria-label={`${t('up')}: ${name}`} icon={<ArrowUpOutlined />} disabled={disabled} onClick={onMoveUpItem} />}
          {hasMoveDown && <Button size="small" type="text" aria-label={`${t('down')}: ${name}`} icon={<ArrowDownOutlined />} disabled={disabled} onClick={onMoveDownItem} />}
          {hasRemove && <Button size="small" type="text" aria-label={`${t('remove')}: ${name}`} icon={<CloseOutlined />} disabled={disabled} onClick={onRemoveItem} />}
        </div>
      )}
    </li>
  )
}
