import type { ReactNode } from 'react';
import { currencySymbol, formatMoney } from '@/shared/i18n/numbers';
import { usePrefs } from '@/shared/prefs';
import { textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { NumberInput } from '../parts/input';

const usual = 'CNY';

function MoneyEditor(props: EditorProps): ReactNode {
  const language = usePrefs((prefs) => prefs.language);
  return <NumberInput {...props} before={currencySymbol(language, props.field.currency ?? usual)} />;
}

function MoneyRead({ field, value }: ReadProps): ReactNode {
  const language = usePrefs((prefs) => prefs.language);
  if (typeof value !== 'number') return textOf(value);
  return <span className="sw-num">{formatMoney(value, language, field.currency ?? usual)}</span>;
}

export const money: FieldKind = { Desk: MoneyEditor, Touch: MoneyEditor, Read: MoneyRead, Cell: MoneyRead, numeric: true };
