import type { ReactNode } from 'react';
import { useTimeWords } from '@/shared/i18n/time';
import { textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { controlProps } from '../parts/input';
import { onDesk } from '../parts/on-desk';

function DateTouch(props: EditorProps): ReactNode {
  const { value, onChange } = props;
  return (
    <input
      className="sw-input"
      type="date"
      {...controlProps(props)}
      value={textOf(value)}
      onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
    />
  );
}

function DateRead({ value }: ReadProps): ReactNode {
  const words = useTimeWords();
  return <time dateTime={textOf(value)}>{words.date(textOf(value))}</time>;
}

export const date: FieldKind = {
  Desk: onDesk(async () => (await import('./date-desk')).DateDesk),
  Touch: DateTouch,
  Read: DateRead,
  Cell: DateRead,
};
