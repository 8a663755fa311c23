import type { DepartmentChoice } from '../host';

export interface DepartmentNode extends DepartmentChoice {
  depth: number;
  path: string; // names from the top, for searching and for telling two of the same name apart
}

// treeOrder lists departments so that each follows the one it belongs to. One whose parent is unknown, or that belongs
// to itself by way of others, stands at the top.
export function treeOrder(departments: readonly DepartmentChoice[]): DepartmentNode[] {
  const known = new Set(departments.map((department) => department.id));
  const children = new Map<string, DepartmentChoice[]>();
  for (const department of departments) {
    const parent = department.parent !== undefined && known.has(department.parent) ? department.parent : '';
    children.set(parent, [...(children.get(parent) ?? []), department]);
  }
  const listed = new Set<string>();
  const out: DepartmentNode[] = [];
  const walk = (department: DepartmentChoice, depth: number, above: string) => {
    if (listed.has(department.id)) return;
    listed.add(department.id);
    const path = above === '' ? department.name : `${above} / ${department.name}`;
    out.push({ ...department, depth, path });
    for (const child of children.get(department.id) ?? []) walk(child, depth + 1, path);
  };
  for (const top of children.get('') ?? []) walk(top, 0, '');
  for (const department of departments) walk(department, 0, '');
  return out;
}

// searchTree keeps the departments whose path has the text in it.
export function searchTree(nodes: readonly DepartmentNode[], search: string): DepartmentNode[] {
  const wanted = search.trim().toLowerCase();
  return wanted === '' ? [...nodes] : nodes.filter((node) => node.path.toLowerCase().includes(wanted));
}
