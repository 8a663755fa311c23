import type { Locator, Page } from 'playwright-core';
import { readShipped } from './company';
import type { Upload } from './files';
import type { Device } from './person';

type Words = Record<'zh-CN' | 'en', string>;
type Row = Record<string, string | number>;
export type Value = string | number | string[] | Upload | Row[];
export type Values = Record<string, Value>;

interface Property {
  'x-field': string;
  'x-options'?: { value: string; label: Words }[];
  items?: { properties?: Record<string, Property> };
}

const fields = readShipped<{ schema: { properties: Record<string, Property> } }>('forms/opportunity.json').schema.properties;

// FormHand fills forms with keyboard and pointer, on a desk or by touch.
export class FormHand {
  constructor(
    private readonly page: Page,
    private readonly device: Device,
  ) {}

  field(key: string): Locator {
    return this.page.locator(`[data-field="${key}"]`).filter({ visible: true }).first();
  }

  async fill(values: Values): Promise<void> {
    for (const [key, value] of Object.entries(values)) {
      const property = fields[key];
      if (!property) throw new Error(`the form has no field ${key}`);
      await this.put(this.field(key), property, value);
    }
  }

  // choose picks a file and leaves what comes of it to the caller.
  choose(key: string, file: Upload): Promise<void> {
    return this.field(key).locator('input[type=file]').first().setInputFiles(file);
  }

  // dropFiles takes away what was chosen, refused or not.
  async dropFiles(key: string): Promise<void> {
    const lines = this.field(key).getByRole('listitem');
    for (let left = await lines.count(); left > 0; left--) {
      await lines.first().getByRole('button').last().click();
      await lines.nth(left - 1).waitFor({ state: 'detached' });
    }
  }

  private async put(at: Locator, property: Property, value: Value): Promise<void> {
    switch (property['x-field']) {
      case 'file':
        return this.upload(at, value as Upload);
      case 'subTable':
        return this.rows(at, property, value as Row[]);
      case 'singleChoice':
        return this.pick(at, [labelOf(property, value as string, this.device)]);
      case 'multiChoice':
        return this.pick(at, (value as string[]).map((one) => labelOf(property, one, this.device)));
      case 'link':
      case 'person':
        return this.search(at, value as string);
      case 'date':
        return this.date(at, value as string);
      default:
        return at.getByRole('textbox').first().fill(String(value));
    }
  }

  private async upload(at: Locator, file: Upload): Promise<void> {
    await at.locator('input[type=file]').first().setInputFiles(file);
    await at.getByText(file.name).first().waitFor();
    await at.getByRole('progressbar').waitFor({ state: 'detached' });
    const refused = at.getByRole('alert');
    if ((await refused.count()) > 0) throw new Error(`${file.name}: ${await refused.first().innerText()}`);
  }

  private async date(at: Locator, day: string): Promise<void> {
    const input = at.locator('input').first();
    await input.fill(day);
    if (this.device.size === 'desk') await input.press('Enter');
  }

  private async pick(at: Locator, labels: string[]): Promise<void> {
    const native = at.locator('select');
    const list = at.getByRole('combobox');
    const boxes = at.locator('label.sw-pill');
    await native.or(list).or(boxes).first().waitFor();
    if ((await native.count()) > 0) {
      await native.selectOption({ label: labels[0] ?? '' });
      return;
    }
    if ((await boxes.count()) > 0) {
      for (const label of labels) await boxes.filter({ has: this.page.getByText(label, { exact: true }) }).click();
      return;
    }
    await list.click();
    for (const label of labels) await this.take(label);
    if (labels.length > 1) await list.press('Escape');
  }

  private async search(at: Locator, text: string): Promise<void> {
    if (this.device.size === 'phone') {
      await at.getByRole('button').first().click();
      const sheet = this.page.getByRole('dialog');
      await sheet.getByRole('searchbox').fill(text);
      await sheet.getByRole('listitem').filter({ hasText: text }).first().click();
      return;
    }
    const list = at.getByRole('combobox');
    await list.click();
    await list.fill(text);
    await this.take(text);
  }

  // take picks from the open list, which is aimed at like anything else.
  private take(text: string): Promise<void> {
    return this.page.locator('.ant-select-item-option').filter({ visible: true, hasText: text }).first().click();
  }

  private async rows(at: Locator, property: Property, rows: Row[]): Promise<void> {
    const columns = property.items?.properties ?? {};
    const add = at.locator('.sw-subtable > button');
    for (const [index, row] of rows.entries()) {
      await add.click();
      const place = this.device.size === 'phone' ? this.page.getByRole('dialog') : at.locator('tbody tr').nth(index);
      for (const [key, value] of Object.entries(row)) {
        const column = columns[key];
        if (!column) throw new Error(`the table has no column ${key}`);
        await this.put(place.locator('.sw-cell').filter({ has: this.page.locator(`[id$="-${String(index)}-${key}-label"]`) }), column, value);
      }
      if (this.device.size === 'phone') await place.locator('.sw-sheet-foot button').last().click();
    }
  }
}

function labelOf(property: Property, value: string, { language }: Device): string {
  const label = property['x-options']?.find((option) => option.value === value)?.label[language];
  if (!label) throw new Error(`there is no choice ${value}`);
  return label;
}
