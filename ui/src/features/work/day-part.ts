export type DayPart = 'morning' | 'noon' | 'evening' | 'night';

// dayPart says how to greet at an hour from 0 to 23.
export function dayPart(hour: number): DayPart {
  if (hour < 5 || hour >= 23) return 'night';
  if (hour < 12) return 'morning';
  return hour < 18 ? 'noon' : 'evening';
}
