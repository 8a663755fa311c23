import type { ReactNode } from 'react';
import { useFieldHost } from '../host';
import { textOf, type EditorProps } from '../kind';
import { SearchSelect } from '../parts/search-select';
import { linkPicks } from './link-picks';
import { useLinkTitle } from './use-link-title';

export function LinkDesk(props: EditorProps): ReactNode {
  const host = useFieldHost();
  const picks = linkPicks(host, props.field);
  return <SearchSelect props={props} cacheKey={picks.cacheKey} load={picks.load} shown={useLinkTitle(props) ?? textOf(props.value)} />;
}
