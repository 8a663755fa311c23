import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from './client';

export const app = 'sales-manufacturing';
export const password = 'nine lanterns by water';
const adminName = 'admin';

interface Words {
  'zh-CN': string;
  en: string;
}

interface Company {
  departments: { id: string; name: Words; parent?: string; head: string }[];
  people: { username: string; name: string; position: string; department: string; manager?: string; email: string; phone: string; wecom?: string; roles: string[] }[];
}

const shipped = join(import.meta.dirname, '../../schemas/apps', app);

export function readShipped<T>(path: string): T {
  return JSON.parse(readFileSync(join(shipped, path), 'utf8')) as T;
}

// setUp makes the first administrator of an empty installation, with the app installed.
export async function setUp(url: string, token: string): Promise<Client> {
  const admin = new Client(url);
  await admin.post('/setup', { token, username: adminName, name: '管理员', password });
  const me = await admin.get<{ id: string }>('/me');
  await admin.post('/apps', { template: app });
  await admin.patch(`/users/${me.id}`, { roles: [{ app: 'platform', role: 'admin' }, { app, role: 'admin' }] });
  return admin;
}

// hire makes the departments of the sample company and those of its people who are wanted, and signs each in once to
// choose a password.
export async function hire(admin: Client, wanted: readonly string[]): Promise<Record<string, string>> {
  const company = readShipped<Company>('sample/company.json');
  const people = company.people.filter(({ username }) => wanted.includes(username));
  const departments: Record<string, string> = {};
  for (const { id, name, parent } of company.departments) {
    const made = await admin.post<{ id: string }>('/departments', { name, ...(parent && { parent: departments[parent] }) });
    departments[id] = made.id;
  }
  const users: Record<string, string> = {};
  for (const { username, department, manager, roles, ...person } of people) {
    const { name, position, email, phone, wecom } = person;
    const made = await admin.post<{ id: string }>('/users', {
      username, name, position, email, phone, wecom, active: true, password: `first ${password}`,
      department: departments[department], roles: roles.map((role) => ({ app, role })), ...(manager && users[manager] && { manager: users[manager] }),
    });
    users[username] = made.id;
    const own = await new Client(admin.url).signIn(username, `first ${password}`);
    await own.post('/me/password', { current: `first ${password}`, new: password });
  }
  for (const { id, head } of company.departments) {
    if (users[head]) await admin.patch(`/departments/${departments[id] ?? ''}`, { head: users[head] });
  }
  return users;
}
