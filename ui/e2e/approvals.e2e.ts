import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from './client';
import { app, hire, setUp } from './company';
import { openMailbox, type Mailbox } from './mail';
import { Person, type Device } from './person';
import { openHouse, serve, type House, type Server } from './server';

const desk: Device = { language: 'zh-CN', size: 'desk' };
const phone: Device = { language: 'en', size: 'phone' };
const staff = { anna: 'linzhendong', bo: 'chenzhiqiang', cai: 'jiangwenbin', dan: 'luogang', applicant: 'zhouliheng' } as const;
type Who = keyof typeof staff;

let mailbox: Mailbox;
let house: House;
let server: Server;
let browser: Browser;
let admin: Client;
let ids: Record<Who, string>;
let names: Record<Who, string>;
const present = new Map<string, Person>();

interface RecordView {
  id: string;
  status: string;
  outcome?: string;
  tasks?: { id: string; block: string; assignees: string[] }[];
}

async function at(who: Who, device: Device = desk): Promise<Person> {
  const key = `${who}/${device.size}`;
  const there = present.get(key) ?? (await Person.arrive(browser, server.url, staff[who], device));
  present.set(key, there);
  return there;
}

const two = (zh: string, en: string) => ({ 'zh-CN': zh, en });

// The flow takes one of four ways, by the kind of the request.
async function publish(): Promise<void> {
  const users = (...who: Who[]) => who.map((one) => ({ type: 'user', user: ids[one] }));
  const way = (id: string, block: object) => ({ id, when: `form.kind == "${id}"`, blocks: [{ id: `${id}Step`, ...block }] });
  const form = {
    kind: 'form', key: 'request', title: two('申请', 'Request'), recordTitle: '{what}',
    schema: { type: 'object', required: ['what', 'kind'], properties: { what: { 'x-field': 'text', 'x-title': two('事项', 'What') }, kind: { 'x-field': 'text', 'x-title': two('类型', 'Kind') } } },
  };
  const flow = {
    kind: 'flow', key: 'requesting', title: two('申请审批', 'Requests'), form: 'request',
    blocks: [
      {
        id: 'ways', type: 'branch', title: two('类型', 'Kind'),
        cases: [
          way('all', { type: 'approval', mode: 'all', title: two('三人会签', 'Three sign'), who: users('anna', 'bo', 'cai') }),
          way('sequence', { type: 'approval', mode: 'sequential', title: two('依次审批', 'In turn'), who: users('anna', 'bo') }),
          way('vote', { type: 'approval', mode: 'vote', vote: { percent: 60, abstain: true }, title: two('投票', 'Vote'), who: users('anna', 'bo', 'cai') }),
          way('list', {
            type: 'checklist', title: two('交接清单', 'Checklist'), who: users('cai'),
            items: [{ id: 'call', title: two('致电客户', 'Call the customer') }, { id: 'note', title: two('记录意见', 'Note what they say'), optional: true }],
          }),
        ],
      },
      { id: 'done', type: 'end', outcome: 'granted', label: two('已批准', 'Granted'), tone: 'good' },
    ],
  };
  const role = { kind: 'role', key: 'requester', title: two('申请人', 'Requester'), grants: [{ object: 'form:request', actions: ['read', 'create', 'submit'], rows: 'all' }] };
  for (const [kind, definition] of [['form', form], ['flow', flow], ['role', role]] as const) {
    await admin.put(`/apps/${app}/definitions/${kind}/${definition.key}`, definition);
    await admin.post(`/apps/${app}/definitions/${kind}/${definition.key}/publish`, {});
  }
  for (const id of Object.values(ids)) {
    const { roles } = await admin.get<{ roles: object[] }>(`/users/${id}`);
    await admin.patch(`/users/${id}`, { roles: [...roles, { app, role: role.key }] });
  }
}

const records = `/apps/${app}/forms/request/records`;

async function request(what: string, kind: string): Promise<{ id: string; path: string }> {
  const { id } = await admin.post<RecordView>(records, { data: { what, kind } });
  return { id, path: `/apps/${app}/request/${id}` };
}

const read = (id: string) => admin.get<RecordView>(`${records}/${id}`);

// chooses finds a colleague in the sheet that is open.
async function chooses(person: Person, who: Who): Promise<void> {
  const sheet = person.page.getByRole('dialog');
  await sheet.getByRole('searchbox').fill(names[who]);
  await sheet.getByRole('list', { name: person.say('pick.found') }).getByRole('button', { name: names[who] }).click();
}

async function fromMenu(person: Person, key: string): Promise<void> {
  await person.page.getByRole('button', { name: person.say('record.more') }).click();
  await person.page.getByRole('menuitem', { name: person.say(key), exact: true }).click();
}

async function confirms(person: Person, key: string, said: string): Promise<void> {
  await person.page.getByRole('dialog').getByRole('button', { name: person.say(key), exact: true }).click();
  await person.sees(person.say(said));
}

// accessible looks for what WCAG 2.2 AA forbids, on the page as it is.
async function accessible(person: Person): Promise<void> {
  const { violations } = await new AxeBuilder({ page: person.page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
}

beforeAll(async () => {
  mailbox = await openMailbox();
  house = await openHouse();
  server = await serve(house, mailbox.port);
  if (!server.setUpToken) throw new Error('the server offered no link for the first administrator');
  admin = await setUp(server.url, server.setUpToken);
  await admin.setClock('2026-03-02T09:00:00+08:00');
  const users = await hire(admin, Object.values(staff));
  ids = Object.fromEntries(Object.entries(staff).map(([who, username]) => [who, users[username] ?? ''])) as Record<Who, string>;
  const { items } = await admin.get<{ items: { id: string; name: string }[] }>('/people?limit=100');
  names = Object.fromEntries(Object.entries(ids).map(([who, id]) => [who, items.find((one) => one.id === id)?.name ?? ''])) as Record<Who, string>;
  await publish();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
});

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const [who, person] of present) await person.snap(`failed-${who.replace('/', '-')}`);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await house?.clear();
  await mailbox?.close();
});

describe('approvals', () => {
  it('three sign at once: one sends it back, one hands it on, and it comes straight back', async () => {
    const { id, path } = await request('展会预算', 'all');
    const anna = await at('anna');
    await anna.go(path);
    await anna.sees(anna.say('standing.mode.all'));
    await accessible(anna);
    await anna.picture('a1-record');
    await anna.press('record.do.return');
    const sheet = anna.page.getByRole('dialog');
    await sheet.getByRole('radio').first().check();
    await sheet.getByRole('radio', { name: anna.say('ask.thens.straightBack') }).check();
    await sheet.getByRole('textbox', { name: anna.say('ask.why') }).fill('请补充预算明细');
    await anna.picture('a2-return');
    await accessible(anna);
    await confirms(anna, 'record.do.return', 'record.decided.return');
    expect((await read(id)).status).toBe('draft');
    await admin.post(`${records}/${id}/commands`, { command: 'submit' });

    const bo = await at('bo', phone);
    await bo.go(path);
    await bo.picture('a3-record');
    await accessible(bo);
    await fromMenu(bo, 'record.do.transfer');
    await chooses(bo, 'dan');
    await bo.picture('a4-transfer');
    await accessible(bo);
    await confirms(bo, 'record.do.transfer', 'record.decided.transfer');

    for (const who of ['dan', 'anna', 'cai'] as const) await (await at(who)).approve(path);
    expect((await read(id)).outcome).toBe('granted');
  });

  it('in turn, with a signer added before', async () => {
    const { id, path } = await request('采购样机', 'sequence');
    const anna = await at('anna');
    await anna.go(path);
    await fromMenu(anna, 'record.do.addSigner');
    await chooses(anna, 'cai');
    await anna.picture('a5-signer');
    await accessible(anna);
    await confirms(anna, 'record.do.addSigner', 'record.decided.addSigner');
    const cai = await at('cai', phone);
    await cai.approve(path);
    await anna.approve(path);
    await (await at('bo')).approve(path);
    expect((await read(id)).outcome).toBe('granted');
  });

  it('a vote ends as soon as enough have approved', async () => {
    const { id, path } = await request('更换供应商', 'vote');
    const anna = await at('anna');
    await anna.go(path);
    await fromMenu(anna, 'record.do.abstain');
    await confirms(anna, 'record.do.abstain', 'record.decided.abstain');
    await (await at('bo')).approve(path);
    expect((await read(id)).status).toBe('running');
    await (await at('cai')).approve(path);
    expect((await read(id)).outcome).toBe('granted');
  });

  it('a decision is taken back by who made it', async () => {
    const { id, path } = await request('培训计划', 'all');
    const cai = await at('cai', phone);
    await cai.approve(path);
    await cai.picture('a6-decided');
    await cai.press('standing.undo');
    await cai.sees(cai.say('record.decided.undo'));
    const [task] = (await read(id)).tasks ?? [];
    expect(task?.assignees).toContain(ids.cai);
    await cai.press('record.do.approve');
    await cai.page.keyboard.press('Escape');
  });

  it('a colleague stands in, and the history says for whom', async () => {
    const { path } = await request('出差申请', 'sequence');
    const anna = await at('anna', phone);
    await anna.go('/me');
    await anna.press('delegate.add');
    await chooses(anna, 'dan');
    await anna.picture('a7-delegate');
    await accessible(anna);
    await confirms(anna, 'delegate.make', 'delegate.made');
    await anna.go('/');
    await anna.sees(names.dan);
    await anna.picture('a8-away');
    const dan = await at('dan');
    await dan.approve(path);
    await dan.sees(dan.say('log.event.inPlaceOf', { name: names.anna }));
    await dan.picture('a9-history');
  });

  it('several are decided at once, and each says what became of it', async () => {
    const wanted = [await request('印刷画册', 'all'), await request('更新官网', 'all')];
    const bo = await at('bo');
    await bo.go('/tasks');
    await bo.press('tasks.choose');
    for (const what of ['印刷画册', '更新官网']) await bo.page.getByRole('checkbox', { name: bo.say('tasks.mark', { title: what }) }).check();
    await bo.page.getByRole('button', { name: bo.say('tasks.decide_other', { count: '2' }) }).click();
    await bo.picture('a10-batch');
    await accessible(bo);
    await bo.page.getByRole('dialog').getByRole('button', { name: bo.say('batch.approve_other', { count: '2' }) }).click();
    await bo.sees(bo.say('batch.result', { good: '2', bad: '0' }));
    await bo.picture('a11-batch-done');
    await bo.press('action.done');
    for (const { id } of wanted) expect((await read(id)).status).toBe('running');
  });

  it('a checklist is ticked with one thumb', async () => {
    const { id, path } = await request('交接客户', 'list');
    const cai = await at('cai', phone);
    await cai.go(path);
    await cai.page.getByRole('checkbox', { name: /Call the customer/ }).click();
    await cai.sees(cai.say('record.decided.tick'));
    await cai.picture('a12-checklist');
    await accessible(cai);
    await cai.press('record.do.complete');
    await cai.sees(cai.say('record.completed'));
    expect((await read(id)).outcome).toBe('granted');
  });

  it('nobody saw a page fail', () => {
    for (const person of present.values()) expect(person.problems).toEqual([]);
  });
});
