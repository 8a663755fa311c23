import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { TFunction } from 'i18next';
import { useNow } from '../clock';
import { usePrefs } from '../prefs';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export type Urgency = 'overdue' | 'today' | 'soon' | 'later';

export interface Due {
  urgency: Urgency;
  words: string;
  exact: string;
}

export interface TimeWords {
  date: (iso: string) => string;
  dateTime: (iso: string) => string;
  // moment leaves out what everybody knows: only the time today, no year this year.
  moment: (iso: string) => string;
  // day names a day for a heading: today, yesterday, a date.
  day: (iso: string) => string;
  time: (iso: string) => string;
  ago: (iso: string) => string;
  due: (iso: string) => Due;
}

// useTimeWords words moments in the person's language and this device's time zone, against the server's clock.
export function useTimeWords(): TimeWords {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const now = useNow();
  return useMemo(() => timeWords(language, now, t), [language, now, t]);
}

export function timeWords(language: string, now: number, t: TFunction): TimeWords {
  const format = (iso: string, options: Intl.DateTimeFormatOptions) => {
    const moment = momentOf(iso);
    return Number.isNaN(moment.getTime()) ? iso : new Intl.DateTimeFormat(language, options).format(moment);
  };
  const time = (iso: string) => format(iso, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const shortDay = (iso: string) => format(iso, { month: 'short', day: 'numeric' });
  const thisYear = (iso: string) => momentOf(iso).getFullYear() === new Date(now).getFullYear();
  const date = (iso: string) => format(iso, { year: 'numeric', month: 'short', day: 'numeric' });
  const dateTime = (iso: string) => `${date(iso)} ${time(iso)}`;

  const dayName = (iso: string) => {
    switch (daysBetween(now, momentOf(iso).getTime())) {
      case 0:
        return t('time.today');
      case 1:
        return t('time.tomorrow');
      case -1:
        return t('time.yesterday');
    }
    return thisYear(iso) ? format(iso, { month: 'short', day: 'numeric', weekday: 'short' }) : date(iso);
  };
  const moment = (iso: string) => {
    const away = daysBetween(now, momentOf(iso).getTime());
    if (away === 0) return time(iso);
    return thisYear(iso) ? `${Math.abs(away) === 1 ? dayName(iso) : shortDay(iso)} ${time(iso)}` : dateTime(iso);
  };
  const ago = (iso: string) => {
    const passed = now - momentOf(iso).getTime();
    if (passed < minute) return t('time.justNow');
    if (passed < hour) return t('time.minutesAgo', { count: Math.floor(passed / minute) });
    if (passed < day) return t('time.hoursAgo', { count: Math.floor(passed / hour) });
    return moment(iso);
  };
  const due = (iso: string): Due => {
    const at = momentOf(iso).getTime();
    const exact = dateTime(iso);
    if (at <= now) return { urgency: 'overdue', words: late(now - at, t), exact };
    const away = daysBetween(now, at);
    if (away === 0) return { urgency: 'today', words: t('time.dueToday', { time: time(iso) }), exact };
    if (away === 1) return { urgency: 'soon', words: t('time.dueTomorrow', { time: time(iso) }), exact };
    if (away < 7) {
      const weekday = format(iso, { weekday: 'short' });
      return { urgency: away <= 2 ? 'soon' : 'later', words: t('time.dueOn', { day: weekday, time: time(iso) }), exact };
    }
    return { urgency: 'later', words: t('time.dueOnDay', { day: thisYear(iso) ? shortDay(iso) : date(iso) }), exact };
  };
  return { date, dateTime, moment, day: dayName, time, ago, due };
}

function late(by: number, t: TFunction): string {
  if (by < hour) return t('time.lateMinutes', { count: Math.max(1, Math.floor(by / minute)) });
  if (by < day) return t('time.lateHours', { count: Math.floor(by / hour) });
  return t('time.lateDays', { count: Math.floor(by / day) });
}

// A plain date is a day on the calendar, not midnight in Greenwich.
function momentOf(iso: string): Date {
  return new Date(/^\d{4}-\d{2}-\d{2}$/.test(iso) ? iso + 'T00:00' : iso);
}

function daysBetween(from: number, to: number): number {
  const start = (ms: number) => {
    const at = new Date(ms);
    return Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
  };
  return Math.round((start(to) - start(from)) / day);
}
