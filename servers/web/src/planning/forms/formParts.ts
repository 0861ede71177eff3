// The controls and templates of all forms.
import { AddButton, ClearButton, CopyButton, MoveDownButton, MoveUpButton, RemoveButton } from '@rjsf/antd/lib/templates/IconButton/index.js'
import MultiSchemaFieldTemplate from '@rjsf/antd/lib/templates/MultiSchemaFieldTemplate/index.js'
import WrapIfAdditionalTemplate from '@rjsf/antd/lib/templates/WrapIfAdditionalTemplate/index.js'
import CheckboxesWidget from '@rjsf/antd/lib/widgets/CheckboxesWidget/index.js'
import RadioWidget from '@rjsf/antd/lib/widgets/RadioWidget/index.js'
import SelectWidget from '@rjsf/antd/lib/widgets/SelectWidget/index.js'
import TextareaWidget from '@rjsf/antd/lib/widgets/TextareaWidget/index.js'
import type { FormProps } from '@rjsf/core/lib/components/Form.js'
import type { RJSFSchema } from '@rjsf/utils'
import { ArrayItemTemplate, ArrayTemplate } from './ArrayTemplates'
import { ChoiceWidget } from './ChoiceWidget'
import { ClockWidget } from './ClockWidget'
import { FeatureWidget } from './FeatureWidget'
import { FieldTemplate } from './FieldTemplate'
import { FileWidget } from './FileWidget'
import { JsonField } from './JsonField'
import { ObjectTemplate } from './ObjectTemplate'
import { QuantityWidget } from './QuantityWidget'
import { SwitchWidget } from './SwitchWidget'
import { TextWidget } from './TextWidget'

type Parts = FormProps<Record<string, unknown>, RJSFSchema>

export const TEMPLATES: Parts['templates'] = {
  FieldTemplate, ObjectFieldTemplate: ObjectTemplate, ArrayFieldTemplate: ArrayTemplate, ArrayFieldItemTemplate: ArrayItemTemplate,
  MultiSchemaFieldTemplate, WrapIfAdditionalTemplate,
  ButtonTemplates: { AddButton, ClearButton, CopyButton, MoveDownButton, MoveUpButton, RemoveButton },
}

export const WIDGETS: Parts['widgets'] = {
  choice: ChoiceWidget, clock: ClockWidget, feature: FeatureWidget, file: FileWidget, quantity: QuantityWidget, switch: SwitchWidget,
  TextWidget, EmailWidget: TextWidget, URLWidget: TextWidget, UpDownWidget: QuantityWidget, CheckboxWidget: SwitchWidget,
  SelectWidget, TextareaWidget, CheckboxesWidget, RadioWidget,
}

export const FIELDS: Parts['fields'] = { json: JsonField }
