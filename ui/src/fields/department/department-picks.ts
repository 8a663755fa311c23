import type { FieldHost } from '../host';
import { useKnownName } from '../parts/known-name';
import type { Pick } from '../parts/picker';
import { searchTree, treeOrder } from './department-tree';

export function useDepartmentName(id: string): string | undefined {
  return useKnownName('department', id, async (host) => (await host.departments()).find((department) => department.id === id));
}

// departmentPicks lists the tree, or the paths of what a search finds in it.
export async function departmentPicks(host: FieldHost, search: string): Promise<Pick[]> {
  const found = searchTree(treeOrder(await host.departments()), search);
  return found.map(({ id, name, depth, path }) => (search === '' ? { id, title: name, depth } : { id, title: name, note: path }));
}
