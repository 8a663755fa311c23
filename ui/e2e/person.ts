import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { password } from './company';
import { FormHand, type Values } from './form';
import { say, type Language } from './words';

const pictures = join(import.meta.dirname, '../../e2e-out');
mkdirSync(pictures, { recursive: true });

const sizes = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

export interface Device {
  language: Language;
  size: keyof typeof sizes;
}

// Person is somebody in front of a browser. Everything is found as a person finds it: by label and role.
export class Person {
  readonly form: FormHand;
  readonly problems: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly url: string,
    readonly device: Device,
  ) {
    this.form = new FormHand(page, device);
    page.on('pageerror', (error) => this.problems.push(error.message));
  }

  // come opens a browser that nobody is signed in with.
  static async come(browser: Browser, url: string, device: Device): Promise<Person> {
    const phone = device.size === 'phone';
    const context = await browser.newContext({
      viewport: sizes[device.size], locale: device.language, timezoneId: 'Asia/Shanghai', hasTouch: phone, isMobile: phone, deviceScaleFactor: phone ? 2 : 1, reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    return new Person(page, context, url, device);
  }

  static async arrive(browser: Browser, url: string, username: string, device: Device): Promise<Person> {
    const person = await Person.come(browser, url, device);
    const { page } = person;
    await page.goto(url);
    await page.getByLabel(person.say('session.username')).fill(username);
    await page.getByLabel(person.say('session.password')).fill(password);
    await page.getByRole('button', { name: person.say('session.signIn') }).click();
    await page.waitForURL((at) => at.pathname === '/');
    await page.locator('main h1').waitFor();
    return person;
  }

  say(key: string, values?: Record<string, string>): string {
    return say(this.device.language, key, values);
  }

  async go(path: string): Promise<void> {
    await this.page.goto(this.url + path);
    await this.page.getByRole('heading', { level: 1 }).first().waitFor();
  }

  // open goes to any page, one that says no included, and waits until all of it is there.
  async open(path: string): Promise<void> {
    await this.page.goto(this.url + path);
    await this.page.locator('h1, .sw-state').filter({ visible: true }).first().waitFor();
    await this.page.waitForFunction(() => [...document.querySelectorAll('[aria-busy="true"]')].every((part) => !part.checkVisibility())); // what is folded up has not begun to load
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  press(key: string): Promise<void> {
    return this.page.getByRole('button', { name: this.say(key), exact: true }).filter({ visible: true }).last().click();
  }

  // complete fills what the present step asks for and hands it in.
  async complete(path: string, values: Values): Promise<void> {
    await this.go(path);
    await this.form.fill(values);
    await this.press('record.do.complete');
    await this.sees(this.say('record.completed'));
  }

  async approve(path: string, values: Values = {}, comment = ''): Promise<void> {
    await this.go(path);
    await this.form.fill(values);
    await this.press('record.do.approve');
    const sheet = this.page.getByRole('dialog');
    if (comment) await sheet.getByRole('textbox').fill(comment);
    await sheet.getByRole('button', { name: this.say('record.do.approve'), exact: true }).click();
    // The page may say of others that they have approved; the sheet goes when this decision is stored.
    await sheet.waitFor({ state: 'detached' });
    await this.sees(this.say('record.decided.approve'));
  }

  async giveBack(path: string, comment: string): Promise<void> {
    await this.go(path);
    await this.press('record.do.return');
    const sheet = this.page.getByRole('dialog');
    await sheet.getByRole('radio').first().check();
    await sheet.getByRole('textbox').last().fill(comment);
    await sheet.getByRole('button', { name: this.say('record.do.return'), exact: true }).click();
    await this.sees(this.say('record.decided.return'));
  }

  // dragCard drags a record's card to another stage of the board with the pointer.
  async dragCard(title: string, stage: string): Promise<void> {
    const card = this.page.getByRole('listitem').filter({ hasText: title }).first();
    const column = this.page.getByRole('region', { name: stage });
    await card.waitFor();
    const [from, to] = [await card.boundingBox(), await column.boundingBox()];
    if (!from || !to) throw new Error('the card or its target is not on the board');
    await this.page.mouse.move(from.x + from.width / 2, from.y + from.height - 16);
    await this.page.mouse.down();
    await this.page.mouse.move(to.x + to.width / 2, to.y + 60, { steps: 12 });
    await this.page.mouse.up();
  }

  async overdueCard(title: string): Promise<void> {
    await this.page.locator('[data-overdue]').filter({ hasText: title }).first().waitFor();
  }

  async picture(name: string, field?: string): Promise<void> {
    if (field) await this.form.field(field).evaluate((at) => at.scrollIntoView({ block: 'center' }));
    await this.page.locator('.sw-toast').first().waitFor({ state: 'detached' });
    await this.snap(`${name}-${this.device.size}-${this.device.language}`);
  }

  async snap(name: string): Promise<void> {
    await this.page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' });
  }

  leave(): Promise<void> {
    return this.context.close();
  }
}
