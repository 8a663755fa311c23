import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AntdRoot } from '@/shared/antd/antd-root';
import { useText } from '@/shared/i18n/use-text';
import { textOf, type EditorProps } from '../kind';
import { controlProps } from '../parts/input';

export function DateTimeDesk(props: EditorProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { field, value, onChange, required, invalid } = props;
  const moment = dayjs(textOf(value) || Number.NaN);
  return (
    <AntdRoot>
      <DatePicker
        {...controlProps(props)}
        className="sw-antd-control"
        showTime={{ format: 'HH:mm', minuteStep: 5 }}
        format="YYYY-MM-DD HH:mm"
        value={moment.isValid() ? moment : null}
        status={invalid ? 'error' : ''}
        allowClear={!required}
        placeholder={text(field.placeholder) || t('field.chooseDateTime')}
        onChange={(picked) => onChange(picked ? picked.second(0).millisecond(0).toISOString() : undefined)}
      />
    </AntdRoot>
  );
}
