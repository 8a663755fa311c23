import type { ReactNode } from 'react';
import { textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { TextInput } from '../parts/input';
import { PlainText } from '../text/text';

function EmailEditor(props: EditorProps): ReactNode {
  return <TextInput {...props} look={{ type: 'email', inputMode: 'email', autoCapitalize: 'none', spellCheck: false }} />;
}

function Write({ value }: ReadProps): ReactNode {
  return <a href={`mailto:${encodeURI(textOf(value))}`}>{textOf(value)}</a>;
}

export const email: FieldKind = { Desk: EmailEditor, Touch: EmailEditor, Read: Write, Cell: PlainText };
