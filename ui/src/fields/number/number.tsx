import type { ReactNode } from 'react';
import { formatNumber } from '@/shared/i18n/numbers';
import { useText } from '@/shared/i18n/use-text';
import { usePrefs } from '@/shared/prefs';
import { textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { NumberInput } from '../parts/input';

function NumberEditor(props: EditorProps): ReactNode {
  const text = useText();
  return <NumberInput {...props} after={text(props.field.unit)} />;
}

export function NumberRead({ field, value }: ReadProps): ReactNode {
  const text = useText();
  const language = usePrefs((prefs) => prefs.language);
  if (typeof value !== 'number') return textOf(value);
  const unit = text(field.unit);
  return (
    <span className="sw-num">
      {formatNumber(value, language, field.decimals)}
      {unit && ` ${unit}`}
    </span>
  );
}

export const number: FieldKind = { Desk: NumberEditor, Touch: NumberEditor, Read: NumberRead, Cell: NumberRead, numeric: true };
