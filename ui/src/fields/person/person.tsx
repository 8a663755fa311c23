import type { ReactNode } from 'react';
import { Avatar, PersonName } from '@/shared/kit/avatar';
import { useFieldHost } from '../host';
import { textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { onDesk } from '../parts/on-desk';
import { Picker } from '../parts/picker';
import { usePersonName } from './use-person-name';

function PersonTouch(props: EditorProps): ReactNode {
  const host = useFieldHost();
  const id = textOf(props.value);
  const name = usePersonName(id);
  return (
    <Picker
      props={props}
      cacheKey={['people']}
      load={async (search) =>
        (await host.people(search)).map(({ id, name, note }) => ({
          id,
          title: name,
          ...(note !== undefined && { note }),
          sign: <Avatar name={name} size={32} />,
        }))
      }
      shown={<PersonName name={name ?? id} />}
    />
  );
}

function PersonRead({ value }: ReadProps): ReactNode {
  const id = textOf(value);
  return <PersonName name={usePersonName(id) ?? id} />;
}

export const person: FieldKind = {
  Desk: onDesk(async () => (await import('./person-desk')).PersonDesk),
  Touch: PersonTouch,
  Read: PersonRead,
  Cell: PersonRead,
};
