import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AntdRoot } from '@/shared/antd/antd-root';
import { useText } from '@/shared/i18n/use-text';
import { textOf, type EditorProps } from '../kind';
import { controlProps } from '../parts/input';

export function DateDesk(props: EditorProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { field, value, onChange, required, invalid } = props;
  const day = dayjs(textOf(value), 'YYYY-MM-DD');
  return (
    <AntdRoot>
      <DatePicker
        {...controlProps(props)}
        className="sw-antd-control"
        value={day.isValid() ? day : null}
        format="YYYY-MM-DD"
        status={invalid ? 'error' : ''}
        allowClear={!required}
        placeholder={text(field.placeholder) || t('field.chooseDate')}
        onChange={(picked) => onChange(picked ? picked.format('YYYY-MM-DD') : undefined)}
      />
    </AntdRoot>
  );
}
