import { chromium, type Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Client } from './client';
import { hire, password, setUp } from './company';
import { pdf } from './files';
import { openMailbox, quickLink, type Mailbox } from './mail';
import { Person, type Device } from './person';
import { board, leaveInSample, pathOf, plough, readRecord, type Ground, type RecordView } from './sales';
import { openHouse, serve, type House, type Server } from './server';
import { connect, openWeCom, type WeCom } from './wecom';

const desk: Device = { language: 'zh-CN', size: 'desk' };
const phone: Device = { language: 'zh-CN', size: 'phone' };
const english: Device = { language: 'en', size: 'phone' };
const staff = { rep: 'wanglei', manager: 'chenzhiqiang', engineer: 'zhengguodong', support: 'xumingzhe' } as const;
const addressOf = (who: keyof typeof staff): string => `${staff[who]}@chengyue.example`;

// The fifth working day after the Monday before the National Day holiday of 2026 is Saturday, 10 October.
const monday = '2026-09-28T09:00:00+08:00';
const before = '2026-10-10T16:59:00+08:00';
const due = '2026-10-10T17:00:00+08:00';

let mailbox: Mailbox;
let wecom: WeCom;
let house: House;
let server: Server;
let browser: Browser;
let admin: Client;
let ground: Ground;
const present: Person[] = [];

async function signedIn(who: keyof typeof staff, device: Device): Promise<Person> {
  const person = await Person.arrive(browser, server.url, staff[who], device);
  present.push(person);
  return person;
}

async function visitor(device: Device): Promise<Person> {
  const person = await Person.come(browser, server.url, device);
  present.push(person);
  return person;
}

beforeAll(async () => {
  mailbox = await openMailbox();
  wecom = await openWeCom();
  house = await openHouse();
  server = await serve(house, mailbox.port);
  if (!server.setUpToken) throw new Error('the server offered no link for the first administrator');
  admin = await setUp(server.url, server.setUpToken);
  await connect(admin, wecom);
  await admin.setClock(monday);
  const users = await hire(admin, Object.values(staff));
  ground = await plough(admin, users[staff.rep] ?? '');
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
});

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const [index, person] of present.entries()) await person.snap(`failed-quick-${String(index)}`);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await house?.clear();
  await mailbox?.close();
  await wecom?.close();
});

describe('a mould drawing that is missing at 17:00 of the fifth working day', () => {
  let left: RecordView;
  let link = '';

  it('makes the record red, and the rep, the manager and the technical support lead get one mail each', async () => {
    const clientOf = (who: keyof typeof staff) => new Client(server.url).signIn(staff[who], password);
    left = await leaveInSample(await clientOf('rep'), await clientOf('manager'), await clientOf('engineer'), '缺图的样件', ground);
    expect(new Date(left.dueAt ?? '').getTime()).toBe(new Date(due).getTime());
    const about = String(left.data.code);

    await admin.setClock(before);
    expect((await readRecord(admin, left.id)).overdue ?? false).toBe(false);
    for (const who of ['rep', 'manager', 'support'] as const) expect(mailbox.to(addressOf(who), about)).toHaveLength(0);

    await admin.setClock(due);
    for (const who of ['rep', 'manager', 'support'] as const) await expect.poll(() => mailbox.to(addressOf(who), about).length).toBe(1);
    expect(await readRecord(admin, left.id)).toMatchObject({ overdue: true, stage: 'sample' });
    const links = (['rep', 'manager', 'support'] as const).map((who) => mailbox.to(addressOf(who), about).map(quickLink)[0]);
    expect(links).toEqual([expect.stringContaining(`${server.url}/q/`), undefined, undefined]);
  });

  it('reaches the rep in WeCom with the same link, at the next moment at which WeCom takes messages', async () => {
    const about = String(left.data.code);
    const mail = mailbox.to(addressOf('rep'), about).map(quickLink)[0];
    await admin.setClock('2026-10-10T17:05:00+08:00');
    await expect.poll(() => wecom.to(staff.rep, about).length).toBe(1);
    link = wecom.to(staff.rep, about).map(quickLink)[0] ?? '';
    expect(link).toBe(mail);
    await admin.setClock('2026-10-10T18:00:00+08:00');
    expect(wecom.to(staff.rep, about)).toHaveLength(1);
    expect(wecom.messages.filter(({ to, text }) => to !== staff.rep && quickLink({ text }))).toHaveLength(0);
  });

  it('stands on the board and the first page of the area manager', async () => {
    const manager = await signedIn('manager', desk);
    await manager.go('/');
    await manager.page.locator('#team').getByRole('link', { name: new RegExp(left.title) }).waitFor();
    await manager.picture('quick-01-today-red');
    await manager.go(board);
    await manager.overdueCard(left.title);
    await manager.picture('quick-02-board-red');
  });

  it('is asked for on a phone, without signing in, on a page with this one field', async () => {
    const path = new URL(link).pathname;
    const reader = await visitor(english);
    await reader.go(path);
    await reader.sees(left.title);
    expect(await reader.page.locator('[data-field]').evaluateAll((all) => all.map((one) => one.getAttribute('data-field')))).toEqual(['moldDrawing']);
    expect(await reader.page.getByRole('navigation').count()).toBe(0);
    await reader.picture('quick-03-page-asked');

    const rep = await visitor(phone);
    await rep.go(path);
    await rep.form.choose('moldDrawing', pdf('模具图纸.pdf'));
    await rep.sees(`文件名须包含“${ground.customerCode}”，请改名后重新选择。`);
    await rep.picture('quick-04-page-refused');
    await rep.form.dropFiles('moldDrawing');
    await rep.form.fill({ moldDrawing: pdf(`${ground.customerCode}-模具图纸-A.pdf`) });
    await rep.picture('quick-05-page-filled');
    await rep.press('quick.send');
    await rep.sees(rep.say('quick.done'));
    await rep.picture('quick-06-page-done');

    await reader.go(path);
    await reader.page.getByText('Thank you').first().waitFor();
    await reader.picture('quick-07-page-used');
  });

  it('turns the record back to normal, and its task stays with the rep', async () => {
    const record = await readRecord(admin, left.id);
    expect(record).toMatchObject({ status: 'running', stage: 'sample' });
    expect(record.overdue ?? false).toBe(false);
    expect(record.data.moldDrawing).toMatchObject([{ name: `${ground.customerCode}-模具图纸-A.pdf` }]);
    const manager = await signedIn('manager', desk);
    await manager.go(board);
    await manager.sees(left.title);
    expect(await manager.page.locator('[data-overdue]').filter({ hasText: left.title }).count()).toBe(0);
    await manager.picture('quick-08-board-normal');
    const rep = await signedIn('rep', desk);
    await rep.go(pathOf(left.id));
    await rep.sees(rep.say('log.via.quickLink'));
    await rep.picture('quick-09-record-normal');
  });

  it('was one of the things that a rep can ask a colleague for', async () => {
    for (const device of [desk, english]) {
      const rep = await signedIn('rep', device);
      await rep.go(pathOf(left.id));
      await rep.press('record.more');
      await rep.page.getByRole('menuitem', { name: rep.say('record.do.quickLinks') }).click();
      await rep.sees(rep.say('quick.askLead'));
      await rep.picture('quick-10-ask');
    }
  });
});

it('met no error in any page', () => {
  expect(present.flatMap(({ problems }) => problems)).toEqual([]);
});
