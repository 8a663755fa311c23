import type { ReactNode } from 'react';
import { useFieldHost } from '../host';
import { textOf, type EditorProps } from '../kind';
import { SearchSelect } from '../parts/search-select';
import { departmentPicks, useDepartmentName } from './department-picks';

export function DepartmentDesk(props: EditorProps): ReactNode {
  const host = useFieldHost();
  const id = textOf(props.value);
  return (
    <SearchSelect
      props={props}
      cacheKey={['departments', 'picks']}
      load={async (search) =>
        (await departmentPicks(host, search)).map((pick) => ({
          ...pick,
          sign: pick.depth ? <span aria-hidden="true" style={{ width: pick.depth * 16 }} /> : undefined,
        }))
      }
      shown={useDepartmentName(id) ?? id}
    />
  );
}
