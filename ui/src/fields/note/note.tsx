import type { ReactNode } from 'react';
import { Icon } from '@/shared/kit/icon';
import { useText } from '@/shared/i18n/use-text';
import type { FieldKind, ReadProps } from '../kind';

function NoteShown({ field }: Pick<ReadProps, 'field'>): ReactNode {
  const text = useText();
  return (
    <div className="sw-note">
      <Icon name="info" />
      <span className="sw-paragraphs">{text(field.help) || text(field.title)}</span>
    </div>
  );
}

export const note: FieldKind = { Desk: NoteShown, Touch: NoteShown, Read: NoteShown, Cell: NoteShown, wide: true, bare: true };
