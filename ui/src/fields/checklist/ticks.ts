import type { Field, FieldOption } from '@/shared/definition/form';

// Tick is one item that is done; who and when are the server's word, and missing until it is saved.
export interface Tick {
  item: string;
  by?: string;
  at?: string;
}

export function ticksOf(value: unknown): Tick[] {
  if (!Array.isArray(value)) return [];
  return (value as unknown[]).filter((one): one is Tick => typeof one === 'object' && one !== null && typeof (one as Tick).item === 'string');
}

// unticked lists the items that are not done.
export function unticked({ options }: Pick<Field, 'options'>, value: unknown): FieldOption[] {
  const done = new Set(ticksOf(value).map(({ item }) => item));
  return options.filter((option) => !done.has(option.value));
}

// withTick is the value with one item done or not, in the order of the options; undefined when nothing is.
export function withTick({ options }: Pick<Field, 'options'>, value: unknown, item: string, done: boolean): Tick[] | undefined {
  const ticks = ticksOf(value);
  const next = options.flatMap((option) => {
    const known = ticks.find((tick) => tick.item === option.value);
    if (option.value !== item) return known ?? [];
    return done ? (known ?? { item }) : [];
  });
  return next.length === 0 ? undefined : next;
}
