import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useFieldHost } from '../host';
import { textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { onDesk } from '../parts/on-desk';
import { Picker } from '../parts/picker';
import { linkPicks } from './link-picks';
import { useLinkTitle } from './use-link-title';

function LinkTouch(props: EditorProps): ReactNode {
  const host = useFieldHost();
  const picks = linkPicks(host, props.field);
  return <Picker props={props} cacheKey={picks.cacheKey} load={picks.load} shown={useLinkTitle(props) ?? textOf(props.value)} />;
}

function LinkRead(props: ReadProps): ReactNode {
  const host = useFieldHost();
  const id = textOf(props.value);
  const title = useLinkTitle(props) ?? id;
  const href = props.field.link && host.recordHref(props.field.link, id);
  return href === undefined ? <>{title}</> : <Link to={href}>{title}</Link>;
}

function LinkCell(props: ReadProps): ReactNode {
  return <>{useLinkTitle(props) ?? textOf(props.value)}</>;
}

export const link: FieldKind = {
  Desk: onDesk(async () => (await import('./link-desk')).LinkDesk),
  Touch: LinkTouch,
  Read: LinkRead,
  Cell: LinkCell,
};
