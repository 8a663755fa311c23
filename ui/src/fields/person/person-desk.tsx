import type { ReactNode } from 'react';
import { Avatar } from '@/shared/kit/avatar';
import { useFieldHost } from '../host';
import { textOf, type EditorProps } from '../kind';
import { SearchSelect } from '../parts/search-select';
import { usePersonName } from './use-person-name';

export function PersonDesk(props: EditorProps): ReactNode {
  const host = useFieldHost();
  const id = textOf(props.value);
  const name = usePersonName(id);
  return (
    <SearchSelect
      props={props}
      cacheKey={['people']}
      load={async (search) =>
        (await host.people(search)).map((person) => ({
          id: person.id,
          title: person.name,
          ...(person.note !== undefined && { note: person.note }),
          sign: <Avatar name={person.name} size={22} />,
        }))
      }
      shown={name ?? id}
    />
  );
}
