import { EvaluationError, ParseError, TypeError as CheckError, type Environment, type ParseResult } from '@marcbachmann/cel-js';
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { within, type Scope, type WorkCalendar } from './dates';
import { makeEnvironment } from './environment';
import { rewrite } from './rewrite';
import { Row, isData, type Data, type RuleField, type RuleSchema } from './row';
import { RuleError } from './rule-error';

const maxLength = 8000;

// Program is a compiled rule.
export interface Program {
  readonly source: string;
  readonly run: ParseResult;
}

// RuleVars are the values of one evaluation, as JSON gives them. What is left out is empty.
export interface RuleVars {
  form?: Data;
  row?: Data;
  record?: Data;
  user?: Data;
  link?: Data;
  now?: Date;
  timeZone?: string; // IANA name; decides which day today() is; default UTC
  calendar?: WorkCalendar; // default: Monday to Friday
}

let shared: Environment | undefined;
const environment = (): Environment => (shared ??= makeEnvironment());

// compileRule makes a rule ready to run, or throws a RuleError. The server has checked it against its form; here only what
// cannot be run at all is found.
export function compileRule(source: string): Program {
  if (source.trim() === '') throw new RuleError('syntax', 'the rule is empty', 0);
  if ([...source].length > maxLength) throw new RuleError('syntax', `the rule has more than ${maxLength} characters`, maxLength);
  return failing(() => {
    const first = environment().parse(source);
    const text = rewrite(first.ast);
    const checked = first.check();
    if (!checked.valid) throw checked.error ?? new RuleError('syntax', 'the rule does not fit together');
    const run = environment().parse(text);
    const again = run.check();
    if (!again.valid) throw again.error ?? new RuleError('syntax', 'the rule does not fit together');
    return { source, run };
  });
}

const recordFields: RuleField[] = [
  ...['id', 'title', 'stage', 'status', 'owner', 'department', 'createdBy'].map((key): RuleField => ({ key, kind: 'string' })),
  { key: 'createdAt', kind: 'time' },
  { key: 'limits', kind: 'any' },
];
const userFields: RuleField[] = [
  ...['id', 'name', 'department'].map((key): RuleField => ({ key, kind: 'string' })),
  { key: 'roles', kind: 'list' },
  { key: 'limits', kind: 'any' },
];

// prepareVars makes blank fields read as null and blank lists as empty. Do it once and evaluate many rules.
export function prepareVars(schema: RuleSchema, vars: RuleVars): RuleVars {
  const links = schema.fields.flatMap((field): RuleField[] => {
    const fields = schema.links?.[field.key];
    if (fields) return [{ key: field.key, kind: 'object', fields }];
    return field.kind === 'string' ? [{ key: field.key, kind: 'any' }] : [];
  });
  return {
    ...vars,
    form: Row.of(schema.fields, vars.form ?? {}),
    row: Row.of(schema.row ?? [], vars.row ?? {}),
    record: Row.of(recordFields, vars.record ?? {}),
    user: Row.of(userFields, vars.user ?? {}),
    link: Row.of(links, vars.link ?? {}),
  };
}

// evaluateRaw gives the value in CEL's own types: bigint for int, Date for timestamp.
export function evaluateRaw(program: Program, vars: RuleVars): unknown {
  const scope: Scope = { now: vars.now, timeZone: vars.timeZone ?? 'UTC', calendar: vars.calendar };
  const { form = {}, row = {}, record = {}, user = {}, link = {}, now } = vars;
  return failing(() => within(scope, () => program.run({ form, row, record, user, link, ...(now && { now }) }) as unknown));
}

// evaluate gives the rule's value as JSON would hold it, or throws a RuleError.
export function evaluate(program: Program, vars: RuleVars): unknown {
  return plain(evaluateRaw(program, vars));
}

// evaluateBool evaluates a condition. One that needs a blank value is false, and so is a blank result.
export function evaluateBool(program: Program, vars: RuleVars): boolean {
  try {
    const value = evaluate(program, vars);
    if (value === null || typeof value === 'boolean') return value ?? false;
  } catch (error) {
    if (error instanceof RuleError && error.failure === 'missing') return false;
    throw error;
  }
  throw new RuleError('mismatch', 'the condition did not give yes or no');
}

function plain(v: unknown): unknown {
  if (typeof v === 'bigint') return Number(v);
  if (v instanceof UnsignedInt) return Number(v.value);
  if (typeof v === 'number' && !Number.isFinite(v)) throw new RuleError('notFinite', 'the result is not a number');
  if (v === null || typeof v === 'string' || typeof v === 'number' || typeof v === 'boolean') return v;
  if (v instanceof Date) return v.toISOString();
  if (Array.isArray(v)) return v.map(plain);
  if (v instanceof Row) return plain(v.plain());
  if (isData(v) && !(v instanceof Duration)) return Object.fromEntries(Object.entries(v).map(([key, item]) => [key, plain(item)]));
  throw new RuleError('mismatch', 'a field cannot hold the result');
}

function failing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof RuleError) throw error;
    if (error instanceof ParseError || error instanceof CheckError) throw new RuleError('syntax', error.summary, error.range?.start);
    if (error instanceof EvaluationError) throw new RuleError(failureOf(error), error.summary, error.range?.start);
    throw error;
  }
}

// failureOf finds out whether a blank value is to blame: the library names the types it could not combine.
function failureOf({ code, summary }: EvaluationError): RuleError['failure'] {
  if (code === 'no_such_key' || code === 'index_out_of_bounds') return 'missing';
  if (/\bnull\b/.test(summary)) return 'missing';
  return code.includes('overload') || code.startsWith('invalid_') ? 'mismatch' : 'failed';
}
