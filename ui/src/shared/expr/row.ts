// What a rule may read; the server's twin is internal/expr.Field.
export type Kind = 'string' | 'number' | 'bool' | 'time' | 'list' | 'table' | 'object' | 'any';

export interface RuleField {
  key: string;
  kind: Kind;
  fields?: readonly RuleField[];
}

export interface RuleSchema {
  fields: readonly RuleField[];
  row?: readonly RuleField[];
  links?: Readonly<Record<string, readonly RuleField[]>>;
}

export type Data = Readonly<Record<string, unknown>>;

const present = new WeakMap<Row, ReadonlySet<string>>();

// Row is a record as rules see it: a declared member that is absent is there as null, an absent list as an empty one, an
// absent record as one of blanks. isSet tells them from real values.
export class Row {
  [key: string]: unknown;

  static of(fields: readonly RuleField[], data: Data): Row {
    const row = new Row();
    const set = new Set<string>();
    for (const field of fields) {
      const value = data[field.key];
      if (value !== undefined && value !== null) set.add(field.key);
      Object.defineProperty(row, field.key, { value: shape(field, value), enumerable: true });
    }
    present.set(row, set);
    return row;
  }

  isSet(key: string): boolean {
    return present.get(this)?.has(key) ?? false;
  }

  // plain gives back what was filled in.
  plain(): Record<string, unknown> {
    const set = present.get(this) ?? new Set<string>();
    return Object.fromEntries(Object.entries(this).filter(([key]) => set.has(key)));
  }
}

function shape(field: RuleField, value: unknown): unknown {
  const fields = field.fields ?? [];
  switch (field.kind) {
    case 'list':
      return value ?? [];
    case 'table':
      return Array.isArray(value) ? value.map((item) => (isData(item) ? Row.of(fields, item) : item)) : (value ?? []);
    case 'object':
      return isData(value) ? Row.of(fields, value) : Row.of(fields, {});
    case 'time':
      return typeof value === 'string' ? new Date(value) : (value ?? null);
    default:
      return value ?? null;
  }
}

export const isData = (v: unknown): v is Data => typeof v === 'object' && v !== null && !Array.isArray(v) && !(v instanceof Date);
