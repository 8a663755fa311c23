import type { QueryKey } from '@tanstack/react-query';
import type { Change } from '@/shared/client/live';

// What is loaded again when something changes: the beginnings of query keys, by the collection that changed.
const affected: Readonly<Record<string, readonly string[]>> = {
  tasks: ['tasks', 'today'],
  notices: ['notices', 'me'],
  users: ['users', 'people', 'name', 'me'],
  departments: ['departments', 'name'],
  definitions: ['definitions', 'apps', 'forms'],
};

// staleKeys says which queries a change makes old. Records live in a collection for each form: "records.<app>.<form>".
export function staleKeys({ collection, id }: Change): QueryKey[] {
  const [first = '', app, form] = collection.split('.');
  if (first === 'records' && app !== undefined && form !== undefined) {
    return [['records', app, form], ['board', app, form], ['actions', app, form, id], ['today']];
  }
  return (affected[first] ?? [first]).map((key) => [key]);
}
