const day = 24 * 60 * 60_000;

// dayOf is the date of a moment on this device, "2026-03-02".
export function dayOf(moment: number): string {
  const at = new Date(moment);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

// dayAfter is a date so many days later.
export function dayAfter(date: string, days: number): string {
  return dayOf(midnight(date) + days * day + day / 2);
}

// period is from the beginning of one day, or now when that is over, to the end of another.
export function period(from: string, until: string, now: number): { startsAt: string; endsAt: string } {
  const begins = Math.max(midnight(from), now);
  return { startsAt: new Date(begins).toISOString(), endsAt: new Date(midnight(dayAfter(until, 1))).toISOString() };
}

function midnight(date: string): number {
  const [year = 1970, month = 1, dayOfMonth = 1] = date.split('-').map(Number);
  return new Date(year, month - 1, dayOfMonth).getTime();
}
