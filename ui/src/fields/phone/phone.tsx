import type { ReactNode } from 'react';
import { textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { TextInput } from '../parts/input';
import { PlainText } from '../text/text';

function PhoneEditor(props: EditorProps): ReactNode {
  return <TextInput {...props} look={{ type: 'tel', inputMode: 'tel' }} />;
}

function Call({ value }: ReadProps): ReactNode {
  return <a href={`tel:${textOf(value).replace(/[^\d+*#]/g, '')}`}>{textOf(value)}</a>;
}

export const phone: FieldKind = { Desk: PhoneEditor, Touch: PhoneEditor, Read: Call, Cell: PlainText };
