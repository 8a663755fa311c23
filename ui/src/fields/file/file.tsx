import type { ReactNode } from 'react';
import { formatBytes } from '@/shared/i18n/numbers';
import { Icon } from '@/shared/kit/icon';
import type { FileRef } from '@/shared/definition/form';
import { useFieldHost } from '../host';
import type { EditorProps, FieldKind, ReadProps } from '../kind';
import { FileEditor } from './file-editor';
import { refsOf } from './refs';

export function FileName({ file }: { file: FileRef }): ReactNode {
  const host = useFieldHost();
  const shows = file.type.startsWith('image/') || file.type === 'application/pdf';
  const href = host.fileHref(file.id, !shows);
  const inside = (
    <>
      <Icon name={file.type.startsWith('image/') ? 'image' : 'file'} size={16} />
      <span className="sw-ellipsis">{file.name}</span>
      <span className="sw-file-size">{formatBytes(file.size)}</span>
    </>
  );
  if (href === undefined) return <span className="sw-file-name">{inside}</span>;
  return (
    <a className="sw-file-name" href={href} target="_blank" rel="noreferrer">
      {inside}
    </a>
  );
}

function FilesRead({ value }: ReadProps): ReactNode {
  return (
    <ul className="sw-files">
      {refsOf(value).map((file) => (
        <li key={file.id} className="sw-file">
          <FileName file={file} />
        </li>
      ))}
    </ul>
  );
}

function FilesCell({ value }: ReadProps): ReactNode {
  const files = refsOf(value);
  return (
    <span className="sw-file-name">
      <Icon name="paperclip" size={14} />
      <span className="sw-ellipsis">{files.length === 1 ? files[0]?.name : files.length}</span>
    </span>
  );
}

function FileDesk(props: EditorProps): ReactNode {
  return <FileEditor {...props} touch={false} name={(file) => <FileName file={file} />} />;
}

function FileTouch(props: EditorProps): ReactNode {
  return <FileEditor {...props} touch name={(file) => <FileName file={file} />} />;
}

export const file: FieldKind = { Desk: FileDesk, Touch: FileTouch, Read: FilesRead, Cell: FilesCell, wide: true, group: true };
