import type { ReactNode } from 'react';
import { useTimeWords } from '@/shared/i18n/time';
import { textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { controlProps } from '../parts/input';
import { onDesk } from '../parts/on-desk';

// The value is a UTC moment; what people see and choose is this device's time.
function DateTimeTouch(props: EditorProps): ReactNode {
  const { value, onChange } = props;
  return (
    <input
      className="sw-input"
      type="datetime-local"
      {...controlProps(props)}
      value={localOf(textOf(value))}
      onChange={(event) => onChange(momentOf(event.target.value))}
    />
  );
}

// localOf is a moment as <input type="datetime-local"> wants it.
export function localOf(moment: string): string {
  const at = new Date(moment);
  if (Number.isNaN(at.getTime())) return '';
  const two = (part: number) => String(part).padStart(2, '0');
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

// momentOf is the UTC moment of a local time.
export function momentOf(local: string): string | undefined {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

function DateTimeRead({ value }: ReadProps): ReactNode {
  const words = useTimeWords();
  return <time dateTime={textOf(value)}>{words.dateTime(textOf(value))}</time>;
}

export const dateTime: FieldKind = {
  Desk: onDesk(async () => (await import('./date-time-desk')).DateTimeDesk),
  Touch: DateTimeTouch,
  Read: DateTimeRead,
  Cell: DateTimeRead,
};
