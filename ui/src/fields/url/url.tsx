import type { ReactNode } from 'react';
import { Icon } from '@/shared/kit/icon';
import { textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { TextInput } from '../parts/input';
import { PlainText } from '../text/text';

function UrlEditor(props: EditorProps): ReactNode {
  return <TextInput {...props} look={{ type: 'url', inputMode: 'url', autoCapitalize: 'none', spellCheck: false }} />;
}

function Visit({ value }: ReadProps): ReactNode {
  const href = textOf(value);
  // Anything but the web (javascript:, data:) is shown and not followed.
  if (!/^https?:\/\//i.test(href)) return href;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener" className="sw-outside">
      <span className="sw-ellipsis">{href.replace(/^https?:\/\//i, '')}</span>
      <Icon name="external" size={14} />
    </a>
  );
}

export const url: FieldKind = { Desk: UrlEditor, Touch: UrlEditor, Read: Visit, Cell: PlainText };
