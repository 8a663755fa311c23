import { TextInput } from '../parts/input';
import { textOf, type FieldKind, type ReadProps } from '../kind';

export function PlainText({ value }: ReadProps) {
  return <>{textOf(value)}</>;
}

export const text: FieldKind = { Desk: TextInput, Touch: TextInput, Read: PlainText, Cell: PlainText };
