import { Select } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AntdRoot } from '@/shared/antd/antd-root';
import { useText } from '@/shared/i18n/use-text';
import { listOf, type EditorProps } from '../kind';
import { useChoices } from '../parts/choices';
import { controlProps } from '../parts/input';

export function MultiChoiceDesk(props: EditorProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { field, value, onChange, invalid } = props;
  return (
    <AntdRoot>
      <Select
        {...controlProps(props)}
        aria-labelledby={props.id + '-label'}
        className="sw-antd-control"
        mode="multiple"
        value={listOf(value)}
        options={useChoices(props)}
        status={invalid ? 'error' : ''}
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        placeholder={text(field.placeholder) || t('field.choose')}
        onChange={(picked: string[]) => onChange(picked.length === 0 ? undefined : picked)}
      />
    </AntdRoot>
  );
}
