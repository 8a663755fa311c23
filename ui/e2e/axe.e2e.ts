import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser } from './browser';
import { Client } from './client';
import { app, hire, password, setUp } from './company';
import { openMailbox, type Mailbox } from './mail';
import { pagesOf } from './pages';
import { Person, type Device } from './person';
import { leaveInSample, plough, type RecordView } from './sales';
import { openHouse, serve, type House, type Server } from './server';

const wanted = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const devices: Device[] = [
  { size: 'desk', language: 'zh-CN' },
  { size: 'phone', language: 'en' },
];

let mailbox: Mailbox;
let house: House;
let server: Server;
let browser: Browser;
let record: RecordView;

beforeAll(async () => {
  mailbox = await openMailbox();
  house = await openHouse();
  server = await serve(house, mailbox.port);
  const admin = await setUp(server.url, server.setUpToken ?? '');
  await admin.setClock('2026-09-28T09:00:00+08:00');
  const users = await hire(admin, ['wanglei', 'chenzhiqiang', 'zhengguodong']);
  const ground = await plough(admin, users.wanglei ?? '');
  const [rep, manager, engineer] = await Promise.all(['wanglei', 'chenzhiqiang', 'zhengguodong'].map((who) => new Client(server.url).signIn(who, password)));
  if (!rep || !manager || !engineer) throw new Error('somebody could not sign in');
  record = await leaveInSample(rep, manager, engineer, '无障碍检查', ground);
  await admin.setClock('2026-10-12T09:00:00+08:00');
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await house?.clear();
  await mailbox?.close();
});

// faults are what keeps somebody from using the page: in dark only colours can differ.
async function faults(person: Person, dark: boolean): Promise<string[]> {
  const runOnly = dark ? { type: 'rule' as const, values: ['color-contrast'] } : { type: 'tag' as const, values: wanted };
  const { violations } = await new AxeBuilder({ page: person.page }).setLegacyMode(true).options({ runOnly, resultTypes: ['violations'] }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message ?? ''}`));
}

it.concurrent.each(devices)('everybody can use every page: $size, $language, light and dark', async (device) => {
  // The rep sees the pages of work, an administrator all of them.
  const found: string[] = [];
  const pages = pagesOf({ app, form: 'opportunity', id: record.id, kind: 'form', key: 'opportunity', token: 'unknown' });
  const look = async (person: Person, path: string) => {
    await person.open(path);
    for (const dark of [false, true]) {
      await person.page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
      found.push(...(await faults(person, dark)).map((fault) => `${path} ${dark ? 'dark' : 'light'} ${fault}`));
    }
  };
  const work = pages.filter((path) => path === '/' || path.startsWith('/tasks') || path.startsWith('/apps/'));
  for (const [who, paths] of [['wanglei', work], ['admin', pages.filter((path) => !work.includes(path))]] as const) {
    const person = await Person.arrive(browser, server.url, who, device);
    for (const path of paths) await look(person, path);
    found.push(...person.problems);
    await person.leave();
  }
  expect(found).toEqual([]);
}, 600_000);
