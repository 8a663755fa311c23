import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from './browser';
import { Client } from './client';
import { hire, password, setUp } from './company';
import { pdf, png, renamed } from './files';
import { openMailbox, type Mailbox } from './mail';
import { Person, type Device } from './person';
import { lead, leaveInSample, list, board, pathOf, plough, readRecord, requirements, screening, type Ground, type RecordView } from './sales';
import { openHouse, serve, type House, type Server } from './server';

const desk: Device = { language: 'zh-CN', size: 'desk' };
const phone: Device = { language: 'en', size: 'phone' };
const staff = {
  rep: 'wanglei', manager: 'chenzhiqiang', engineer: 'zhengguodong', support: 'xumingzhe', production: 'panwei', quality: 'jiangwenbin', plant: 'luogang',
  director: 'linzhendong', service: 'fuxiaoyan', general: 'zhouliheng',
} as const;
type Who = keyof typeof staff;

// The Monday before the National Day holiday of 2026: the fifth working day after it is Saturday, 10 October, worked
// instead of a day of the holiday.
const monday = '2026-09-28T09:00:00+08:00';
const today = '2026-09-28';

let mailbox: Mailbox;
let house: House;
let server: Server;
let browser: Browser;
let admin: Client;
let users: Record<string, string>;
let ground: Ground;
const present = new Map<string, Person>();

async function at(who: Who, device: Device = desk): Promise<Person> {
  const key = `${who}/${device.size}`;
  const there = present.get(key) ?? (await Person.arrive(browser, server.url, staff[who], device));
  present.set(key, there);
  return there;
}

const clientOf = (who: Who): Promise<Client> => new Client(server.url).signIn(staff[who], password);

beforeAll(async () => {
  mailbox = await openMailbox();
  house = await openHouse();
  server = await serve(house, mailbox.port);
  if (!server.setUpToken) throw new Error('the server offered no link for the first administrator');
  admin = await setUp(server.url, server.setUpToken);
  await admin.setClock(monday);
  users = await hire(admin, Object.values(staff));
  ground = await plough(admin, users[staff.rep] ?? '');
  browser = await openBrowser();
});

// What everybody sees when something fails.
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

describe('one opportunity through eight steps', () => {
  const name = '景骋座椅骨架二供项目';
  let id = '';
  let path = '';

  it('begins with a lead that the rep writes down', async () => {
    const rep = await at('rep');
    await rep.picture('01-today-empty');
    await rep.go(`${list}/new`);
    await rep.press('record.do.submit');
    await rep.sees('请填写“商机名称”。');
    await rep.picture('02-new-refused');
    await rep.form.fill(lead(name, ground));
    await rep.press('record.do.submit');
    await rep.sees(rep.say('record.submitted'));
    await rep.page.waitForURL((url) => /\/opportunity\/(?!new)[^/]+$/.test(url.pathname));
    path = new URL(rep.page.url()).pathname;
    id = path.slice(path.lastIndexOf('/') + 1);
    expect(path).toBe(pathOf(id));
  });

  it('① is screened on a phone, in English, and approved', async () => {
    const rep = await at('rep', phone);
    await rep.picture('03-today');
    await rep.go(path);
    await rep.form.fill(screening);
    await rep.picture('04-screening');
    await rep.press('record.do.complete');
    await rep.sees(rep.say('record.completed'));
    const manager = await at('manager');
    await manager.picture('05-today-approval');
    await manager.approve(path, {}, '量和毛利都值得投入，尽快约技术交流。');
  });

  it('② keeps what was typed when the page is loaded again, and is returned once', async () => {
    const rep = await at('rep');
    await rep.go(path);
    await rep.form.fill({ materialGrade: 'SPFH590' });
    await rep.page.reload();
    await expect.poll(() => rep.form.field('materialGrade').getByRole('textbox').inputValue()).toBe('SPFH590');
    await rep.form.fill(requirements('许工'));
    await rep.picture('06-requirements', 'specialCharacteristics');
    await rep.press('record.do.complete');
    await rep.sees(rep.say('record.completed'));

    const engineer = await at('engineer');
    await engineer.giveBack(path, '缺焊缝的静强度要求，请向客户补要。');
    await rep.go(path);
    await rep.sees('缺焊缝的静强度要求，请向客户补要。');
    await rep.picture('07-returned');
    await rep.complete(path, { testRequirements: '焊缝静强度 ≥ 12 kN，盐雾 480 h。' });
    await engineer.approve(path, { feasibility: 'feasible', unitCost: 112.5, toolingCost: 860000 });
  });

  it('③ refuses a file name without the customer number and a picture that is called PDF', async () => {
    const rep = await at('rep');
    await rep.go(path);
    await rep.form.choose('moldDrawing', pdf('模具图纸.pdf'));
    await rep.sees(`文件名须包含“${ground.customerCode}”，请改名后重新选择。`);
    await rep.form.choose('moldDrawing', renamed(png('x.png'), `${ground.customerCode}-模具图纸.pdf`, 'application/pdf'));
    await rep.sees(/实际是 ?PNG|PNG 图片|image\/png/i);
    await rep.picture('08-files-refused', 'moldDrawing');
    await rep.form.dropFiles('moldDrawing');
    await rep.form.fill({
      moldDrawing: pdf(`${ground.customerCode}-模具图纸-A.pdf`), sampleMaterial: 'SPFH590', sampleQuantity: 20, sampleNeededBy: '2026-11-06', samplePurpose: 'fit', toolingType: 'soft',
      sampleShipTo: '芜湖市景骋路 18 号 来料检验室 许工',
    });
    await rep.picture('09-sample', 'moldDrawing');
    await rep.press('record.do.complete');
    await rep.sees(rep.say('record.completed'));
  });

  it('③ does not let the board past a gate', async () => {
    const rep = await at('rep');
    await rep.go(board);
    await rep.picture('10-board');
    await rep.dragCard(name, '④ 小批量试产');
    await rep.sees(rep.say('board.refused', { stage: '④ 小批量试产' }));
    await rep.sees(/目前等待：许明哲/);
    await rep.picture('11-board-refused');
    expect((await readRecord(admin, id)).stage).toBe('sample');
  });

  it('③ goes on when the sample is made and accepted', async () => {
    const support = await at('support');
    await support.complete(path, {
      sampleBatchNo: 'YJ-2609-017', sampleMadeOn: today, dimensionReport: pdf('全尺寸报告.pdf'), sampleShippedOn: today, sampleTracking: 'SF1390027716',
    });
    const rep = await at('rep', phone);
    await rep.complete(path, { sampleResult: 'accepted', sampleFeedback: '装配顺畅，尺寸全部合格。', sampleFeedbackFile: png('acceptance.png') });
  });

  it('④ is planned by the rep, run in the plant and approved by quality', async () => {
    const rep = await at('rep', phone);
    await rep.complete(path, { ppapLevel: 'level3', pilotQuantity: 300, pilotDueOn: '2026-11-20' });
    const production = await at('production');
    await production.complete(path, { pilotLine: '骨架二线', pilotRunOn: today, pilotMade: 300, pilotGood: 297, cpk: 1.52, pilotReport: pdf('试产报告.pdf'), ppapFile: pdf('PPAP.pdf') });
    await (await at('quality')).approve(path, {}, '过程能力满足要求。');
  });

  it('⑤ needs technical, quality and plant', async () => {
    const rep = await at('rep');
    await rep.complete(path, { monthlyCapacity: 1500, plannedSop: '2027-06-15', controlPlan: pdf('控制计划.pdf') });
    for (const who of ['engineer', 'quality', 'plant'] as const) {
      expect((await readRecord(admin, id)).stage).toBe('review');
      await (await at(who)).approve(path);
    }
  });

  it('⑥ goes to the director by its amount and is signed', async () => {
    const rep = await at('rep');
    await rep.complete(path, {
      contractQuantity: 12000, contractUnitPrice: 155, contractTerms: 'net60',
      paymentPlan: [{ milestone: '首批交付', share: 40 }, { milestone: '验收合格', share: 60 }],
      deliveryDueOn: '2027-03-31', contractDraft: pdf('合同草稿.pdf'),
    });
    await (await at('director')).approve(path, {}, '价格在授权内，同意。');
    const { data } = await readRecord(admin, id);
    await rep.picture('12-contract');
    await rep.complete(path, { contractNumber: 'HT-2026-0931', contractSignedOn: today, contractFile: pdf(`${String(data.code)}-合同.pdf`) });
  });

  it('⑦ is ordered, shipped, accepted and confirmed', async () => {
    const rep = await at('rep');
    await rep.complete(path, { orderNumber: 'PO-77120', orderQuantity: 1000, orderFile: pdf('PO-77120.pdf') });
    await (await at('service')).complete(path, { shippedQuantity: 1000, shippedOn: today, deliveryNote: png('送货单.png'), deliveredOn: today });
    await rep.complete(path, { acceptedQuantity: 998, acceptance: 'accepted', acceptanceFile: pdf('验收单.pdf') });
    await (await at('quality')).approve(path);
  });

  it('⑧ ends as won', async () => {
    await (await at('service')).complete(path, { interviewOn: today, interviewee: '许工', satisfaction: 9, interviewResult: 'happy', interviewNote: '交付及时，希望第二平台继续合作。' });
    const rep = await at('rep', phone);
    await rep.complete(path, { repurchaseIntent: 'firm', nextOrderOn: '2027-05-10', nextOrderAmount: 980000 });
    await (await at('manager')).approve(path, {}, '恭喜，按复购计划跟进。');
    const record = await readRecord(admin, id);
    expect(record).toMatchObject({ status: 'ended', outcome: 'won' });
    const there = await at('rep');
    await there.go(path);
    await there.sees('赢单');
    await there.picture('13-won');
    await rep.go(path);
    await rep.sees('Won');
    await rep.picture('13-won');
  });
});

describe('a record left alone in 样件申请', () => {
  const due = '2026-10-10T17:00:00+08:00';
  const before = '2026-10-10T16:59:00+08:00';
  const managerMail = `${staff.manager}@chengyue.example`;

  it('is red at 17:00 of the fifth working day, and its manager got one mail', async () => {
    const second = house.shared ? await copyOf(server) : undefined;
    const servers = [server, ...(second ? [second] : [])];
    const left = await leave('被搁置的样件');
    expect(new Date(left.dueAt ?? '').getTime()).toBe(new Date(due).getTime());

    await Promise.all(servers.map(({ url }) => admin.at(url).setClock(before)));
    expect((await readRecord(admin, left.id)).overdue ?? false).toBe(false);
    expect(mailbox.to(managerMail, left.title)).toHaveLength(0);

    await Promise.all(servers.map(({ url }) => admin.at(url).setClock(due)));
    await expect.poll(() => mailbox.to(managerMail, left.title).length).toBe(1);
    expect(await readRecord(admin, left.id)).toMatchObject({ overdue: true, stage: 'sample' });
    for (const device of [desk, phone]) {
      const manager = await at('manager', device);
      await manager.go('/');
      const row = manager.page.locator('#team').getByRole('link', { name: new RegExp(left.title) });
      await row.waitFor();
      await manager.picture('14-today-red');
      await manager.go(board);
      await manager.overdueCard(left.title);
      await manager.picture('15-board-red');
      await manager.go(pathOf(left.id));
      await manager.sees(manager.say('record.lateAt', { step: device.language === 'en' ? 'Apply for the sample' : '提交样件申请' }));
      await manager.picture('16-record-red');
    }
    await Promise.all(servers.map(({ url }) => admin.at(url).setClock('2026-10-12T09:00:00+08:00')));
    expect(mailbox.to(managerMail, left.title)).toHaveLength(1);

    if (second) await survive(second);
  });

  // survive kills one of two copies just before a deadline: the other one acts, once.
  async function survive(other: Server): Promise<void> {
    const left = await leave('停电时的样件');
    const night = '2026-10-19T16:59:00+08:00';
    await Promise.all([server, other].map(({ url }) => admin.at(url).setClock(night)));
    expect(mailbox.to(managerMail, left.title)).toHaveLength(0);
    await other.kill();
    await admin.setClock('2026-10-19T17:00:00+08:00');
    await expect.poll(() => mailbox.to(managerMail, left.title).length).toBe(1);
    await admin.setClock('2026-10-20T09:00:00+08:00');
    expect(mailbox.to(managerMail, left.title)).toHaveLength(1);
    expect(await readRecord(admin, left.id)).toMatchObject({ overdue: true, stage: 'sample' });
  }

  async function copyOf({ url }: Server): Promise<Server> {
    const copy = await serve(house, mailbox.port);
    const { now } = await admin.at(url).get<{ now: string }>('/dev/clock');
    await admin.at(copy.url).setClock(now);
    return copy;
  }

  async function leave(called: string): Promise<RecordView> {
    return leaveInSample(await clientOf('rep'), await clientOf('manager'), await clientOf('engineer'), called, ground);
  }
});

it('met no error in any page', () => {
  expect([...present].flatMap(([who, { problems }]) => problems.map((problem) => `${who}: ${problem}`))).toEqual([]);
});
