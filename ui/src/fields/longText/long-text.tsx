import type { ReactNode } from 'react';
import { useText } from '@/shared/i18n/use-text';
import { textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { controlProps } from '../parts/input';

function TextArea(props: EditorProps): ReactNode {
  const text = useText();
  const { field, value, onChange } = props;
  const most = field.schema.maxLength;
  return (
    <textarea
      className="sw-input sw-area"
      rows={3}
      {...controlProps(props)}
      value={textOf(value)}
      placeholder={text(field.placeholder)}
      maxLength={typeof most === 'number' ? most : undefined}
      onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
    />
  );
}

function Paragraphs({ value }: ReadProps): ReactNode {
  return <span className="sw-paragraphs">{textOf(value)}</span>;
}

function FirstLine({ value }: ReadProps): ReactNode {
  return <>{textOf(value).replace(/\s+/g, ' ')}</>;
}

export const longText: FieldKind = { Desk: TextArea, Touch: TextArea, Read: Paragraphs, Cell: FirstLine, wide: true };
