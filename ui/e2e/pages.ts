import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { routes } from '../src/shared/routes';

// pagesOf are the addresses of every page that the router knows, with given values for what stands in them, so that a page
// that is added is looked at without being listed anywhere.
export function pagesOf(values: Readonly<Record<string, string>>): string[] {
  const router = readFileSync(join(import.meta.dirname, '../src/app/router.tsx'), 'utf8');
  const paths = [...router.matchAll(/<Route path=(?:"([^"]+)"|\{routes\.(\w+)\})/g)].map(([, written, named]) => {
    if (written !== undefined) return written;
    const path = routes[named as keyof typeof routes];
    if (typeof path !== 'string') throw new Error(`routes.${named ?? ''} is no address`);
    return path;
  });
  if (paths.length < 10) throw new Error('the router is written in another way; read it anew');
  return paths.map((path) =>
    path.replace('*', '/nowhere').replace(/:(\w+)/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${path}: say in axe.e2e.ts what :${name} is`);
      return value;
    }),
  );
}
