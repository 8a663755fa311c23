import type { ReactNode } from 'react';
import { formatNumber } from '@/shared/i18n/numbers';
import { usePrefs } from '@/shared/prefs';
import { textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { NumberInput } from '../parts/input';

function PercentEditor(props: EditorProps): ReactNode {
  return <NumberInput {...props} after="%" />;
}

function PercentRead({ field, value }: ReadProps): ReactNode {
  const language = usePrefs((prefs) => prefs.language);
  if (typeof value !== 'number') return textOf(value);
  return <span className="sw-num">{formatNumber(value, language, field.decimals)}%</span>;
}

export const percent: FieldKind = { Desk: PercentEditor, Touch: PercentEditor, Read: PercentRead, Cell: PercentRead, numeric: true };
