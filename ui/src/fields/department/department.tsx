import type { ReactNode } from 'react';
import { useFieldHost } from '../host';
import { textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { onDesk } from '../parts/on-desk';
import { Picker } from '../parts/picker';
import { departmentPicks, useDepartmentName } from './department-picks';

function DepartmentTouch(props: EditorProps): ReactNode {
  const host = useFieldHost();
  const id = textOf(props.value);
  return (
    <Picker
      props={props}
      cacheKey={['departments', 'picks']}
      load={(search) => departmentPicks(host, search)}
      shown={useDepartmentName(id) ?? id}
    />
  );
}

function DepartmentRead({ value }: ReadProps): ReactNode {
  const id = textOf(value);
  return <>{useDepartmentName(id) ?? id}</>;
}

export const department: FieldKind = {
  Desk: onDesk(async () => (await import('./department-desk')).DepartmentDesk),
  Touch: DepartmentTouch,
  Read: DepartmentRead,
  Cell: DepartmentRead,
};
