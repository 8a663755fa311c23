import { Select } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AntdRoot } from '@/shared/antd/antd-root';
import { useText } from '@/shared/i18n/use-text';
import { textOf, type EditorProps } from '../kind';
import { useChoices } from '../parts/choices';
import { controlProps } from '../parts/input';

export function SingleChoiceDesk(props: EditorProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { field, value, onChange, required, invalid } = props;
  const choices = useChoices(props);
  return (
    <AntdRoot>
      <Select
        {...controlProps(props)}
        aria-labelledby={props.id + '-label'}
        className="sw-antd-control"
        value={textOf(value) || undefined}
        options={choices}
        status={invalid ? 'error' : ''}
        allowClear={!required}
        showSearch={choices.length > 8 ? { optionFilterProp: 'label' } : false}
        placeholder={text(field.placeholder) || t('field.choose')}
        onChange={(picked: string | undefined) => onChange(picked)}
      />
    </AntdRoot>
  );
}
