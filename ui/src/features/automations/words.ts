import type { TFunction } from 'i18next';
import type { Schemas } from '@/shared/client/client';
import type { Text } from '@/shared/definition/text';
import type { Tone } from '@/shared/kit/chip';

export type Automation = Schemas['Automation'];
export type Run = Schemas['Run'];
export type RunState = Schemas['RunState'];

// Wording is what turning keys into words needs.
export interface Wording {
  t: TFunction;
  text: (text: Text | undefined) => string;
  field: (key: string) => string;
  stage: (key: string) => string;
}

export const runTones: Record<RunState, Tone> = { pending: 'info', done: 'good', dead: 'bad', skipped: 'plain', stopped: 'warn' };

// triggerWords says when an automation runs.
export function triggerWords({ trigger, title }: Pick<Automation, 'trigger' | 'title'>, { t, text, field, stage }: Wording): string {
  const list = (keys: readonly string[] | undefined, name: (key: string) => string) => (keys ?? []).map(name).join(t('log.and'));
  const stages = list(trigger.stages, stage) || t('automation.trigger.anyStage');
  switch (trigger.on) {
    case 'changed': {
      if (!trigger.fields?.length) return t('automation.trigger.changed');
      const what = t('automation.trigger.changedFields', { fields: list(trigger.fields, field) });
      const from = trigger.from === undefined ? '' : t('automation.trigger.changedFrom', { value: String(trigger.from) });
      return what + from + (trigger.to === undefined ? '' : t('automation.trigger.changedTo', { value: String(trigger.to) }));
    }
    case 'stageEntered':
      return t('automation.trigger.stageEntered', { stages });
    case 'stageLeft':
      return t('automation.trigger.stageLeft', { stages });
    case 'stageOverdue':
      return t('automation.trigger.stageOverdue', { stages });
    case 'button':
      return t('automation.trigger.button', { label: text(trigger.label) || text(title) });
    case 'schedule':
      return scheduleWords(trigger, t);
    case 'date':
      return momentWords(trigger.moment, t, field);
    case 'created':
      return t('automation.trigger.created');
    case 'webhook':
      return t('automation.trigger.webhook');
    case 'mail':
      return t('automation.trigger.mail');
  }
}

function scheduleWords({ times, each }: Automation['trigger'], t: TFunction): string {
  if (!times) return t('automation.trigger.schedule');
  const days = [
    times.weekdays?.length && t('automation.trigger.weekdays', { days: times.weekdays.map((day) => dayWord(day, t)).join(t('log.and')) }),
    times.monthDays?.length && t('automation.trigger.monthDays', { days: times.monthDays.map((day) => (day < 0 ? t('automation.trigger.lastDay') : String(day))).join(t('log.and')) }),
    times.workingDays && t('automation.trigger.workingDays'),
  ].filter(Boolean);
  const when = times.every ? t('automation.trigger.every', { count: times.every }) : t('automation.trigger.at', { times: (times.at ?? []).join(t('log.and')) });
  const often = days.length > 0 ? days : times.every ? [] : [t('automation.trigger.daily')];
  return [...often, when, each && t('automation.trigger.each')].filter(Boolean).join(' ');
}

function dayWord(day: string, t: TFunction): string {
  switch (day) {
    case 'monday':
      return t('automation.weekday.monday');
    case 'tuesday':
      return t('automation.weekday.tuesday');
    case 'wednesday':
      return t('automation.weekday.wednesday');
    case 'thursday':
      return t('automation.weekday.thursday');
    case 'friday':
      return t('automation.weekday.friday');
    case 'saturday':
      return t('automation.weekday.saturday');
    default:
      return t('automation.weekday.sunday');
  }
}

// unitWord is the unit of a delay.
export function unitWord(unit: string, t: TFunction): string {
  switch (unit) {
    case 'workingDays':
      return t('automation.unit.workingDays');
    case 'hours':
      return t('automation.unit.hours');
    case 'workingHours':
      return t('automation.unit.workingHours');
    case 'minutes':
      return t('automation.unit.minutes');
    default:
      return t('automation.unit.days');
  }
}

export interface Delay {
  after: number;
  unit: string;
  at?: string;
  field?: string;
}

// momentWords is a moment that is counted from a date.
export function momentWords(moment: Delay | undefined, t: TFunction, field: (key: string) => string): string {
  if (!moment) return t('automation.trigger.dateShort');
  const { after, unit, at } = moment;
  const params = { count: Math.abs(after), unit: unitWord(unit, t), field: field(moment.field ?? '') };
  const on = after === 0 ? t('automation.trigger.dateOn', params) : t(after < 0 ? 'automation.trigger.dateBefore' : 'automation.trigger.date', params);
  return on + (at ? t('automation.trigger.dateAt', { time: at }) : '');
}
