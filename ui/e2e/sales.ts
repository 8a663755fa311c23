import { app } from './company';
import type { Client } from './client';
import { pdf } from './files';
import type { Values } from './form';

const form = 'opportunity';
export const pathOf = (id: string): string => `/apps/${app}/${form}/${id}`;
export const board = `/apps/${app}/${form}/board`;
export const list = `/apps/${app}/${form}`;

// Record is what the journey reads of a record.
export interface RecordView {
  id: string;
  title: string;
  status: string;
  stage?: string;
  outcome?: string;
  overdue?: boolean;
  dueAt?: string;
  rev: number;
  data: Record<string, unknown>;
  tasks?: { id: string; block: string; state: string }[];
}

export interface Ground {
  customer: string;
  customerCode: string;
  customerName: string;
  product: string;
  engineer: string;
}

const records = (which: string) => `/apps/${app}/forms/${which}/records`;

// plough brings in a customer with its people and a product, as an administrator does before reps begin.
export async function plough(admin: Client, rep: string): Promise<Ground> {
  const make = async (which: string, data: object) => admin.post<RecordView>(records(which), { data, submit: true });
  const customerName = '芜湖景骋车身部件有限公司';
  const customer = await make('customer', {
    name: customerName, shortName: '景骋车身', kind: 'tier1', industry: 'body', region: 'east1', level: 'b', decidingRoles: ['purchasing', 'technical', 'quality'], accountManager: rep,
  });
  await make('contact', { customer: customer.id, name: '程立群', role: 'purchasing', title: '采购经理', phone: '13855310021', owner: rep });
  const engineer = await make('contact', { customer: customer.id, name: '许工', role: 'technical', title: '主任工程师', phone: '13855310044', owner: rep });
  const product = await make('product', { name: '座椅骨架总成', family: 'assembly', material: 'SPFH590', listPrice: 186 });
  return { customer: customer.id, customerCode: String(customer.data.code), customerName, product: product.id, engineer: engineer.id };
}

// What a rep knows when the lead comes in, and at the first two steps.
export const lead = (name: string, ground: Ground): Values => ({
  name, customer: ground.customerName, product: '座椅骨架总成', partNumber: 'JC-8806-21', vehicleProgram: '景骋 C2 平台', source: 'exhibition', expectedAmount: 1860000, expectedSop: '2027-06-30',
  background: '客户现有供应商产能不足，计划引入第二家。',
});

export const screening: Values = {
  annualVolume: 12000, targetPrice: 160, budgetStatus: 'approved', nominationDate: '2027-01-15', fit: 'a', rfqFile: pdf('RFQ-JC-8806-21.pdf'), screeningNote: '与现有骨架平台同工艺，仅需新增一套焊接夹具。',
};

export const requirements = (engineer: string): Values => ({
  technicalContact: engineer,
  customerDrawing: pdf('JC-8806-21-A.pdf'), technicalSpec: pdf('TS-8806.pdf'), materialGrade: 'SPFH590', generalTolerance: 'iso2768m', surfaceTreatment: 'eCoat',
  specialCharacteristics: [
    { name: '安装孔位置度', grade: 'cc', nominal: 'φ10.2', tolerance: '±0.1', method: 'cmm' },
    { name: '焊缝熔深', grade: 'sc', tolerance: '≥ 20%', method: 'test' },
  ],
  qualityStandard: ['iatf16949', 'csr'], quoteRequestedOn: '2026-09-24', quoteSentOn: '2026-09-28', quotedUnitPrice: 158,
});

// leaveInSample takes a record into the third step over the API and leaves it alone there.
export async function leaveInSample(rep: Client, manager: Client, engineer: Client, name: string, ground: Ground): Promise<RecordView> {
  const rest = { customer: ground.customer, product: ground.product, source: 'exhibition', expectedAmount: 480000, expectedSop: '2027-06-30' };
  let record = await rep.post<RecordView>(records(form), { data: { name, ...rest, owner: (await rep.get<{ id: string }>('/me')).id }, submit: true });
  const act = async (who: Client, verb: 'complete' | 'approve', data: object) => {
    record = await who.get<RecordView>(`${records(form)}/${record.id}`);
    const task = record.tasks?.find(({ state }) => state === 'open');
    if (!task) throw new Error(`${record.title} waits for nobody`);
    await who.post(`/tasks/${task.id}/${verb}`, { data });
  };
  await act(rep, 'complete', { ...screening, rfqFile: undefined });
  await act(manager, 'approve', {});
  const send = (field: string, fileName: string) => rep.upload(field, { app, form, record: record.id }, pdf(fileName));
  await act(rep, 'complete', { ...requirements(ground.engineer), customerDrawing: [await send('customerDrawing', 'drawing.pdf')], technicalSpec: [await send('technicalSpec', 'spec.pdf')] });
  await act(engineer, 'approve', { feasibility: 'feasible', unitCost: 112 });
  return rep.get<RecordView>(`${records(form)}/${record.id}`);
}

export const readRecord = (who: Client, id: string): Promise<RecordView> => who.get<RecordView>(`${records(form)}/${id}`);
