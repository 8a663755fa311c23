import type { Field } from '@/shared/definition/form';
import { compileRule, evaluate, prepareVars, type Program } from '@/shared/expr/rule';
import type { Kind, RuleField } from '@/shared/expr/row';
import type { Evaluate } from './model';

const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

// ruleRunner evaluates the rules of a form; each is compiled once.
export function ruleRunner(fields: readonly Field[]): Evaluate {
  const schema = { fields: ruleFields(fields) };
  const programs = new Map<string, Program | Error>();
  const compiled = (cel: string): Program => {
    let program = programs.get(cel);
    if (program === undefined) {
      try {
        program = compileRule(cel);
      } catch (error) {
        program = error instanceof Error ? error : new Error(String(error));
      }
      programs.set(cel, program);
    }
    if (program instanceof Error) throw program;
    return program;
  };
  return (cel, vars, columns) => {
    const scope = columns ? { ...schema, row: ruleFields(columns) } : schema;
    return evaluate(compiled(cel), prepareVars(scope, { ...vars, timeZone }));
  };
}

// ruleFields is what rules see of fields; notes have no value and are left out.
export function ruleFields(fields: readonly Field[]): RuleField[] {
  return fields
    .filter((field) => field.type !== 'note')
    .map((field) => {
      const seen: RuleField = { key: field.key, kind: kindOf(field) };
      if (field.type === 'file') seen.fields = fileFields;
      if (field.type === 'checklist') seen.fields = tickFields;
      if (field.type === 'subTable') seen.fields = ruleFields(field.items);
      return seen;
    });
}

const fileFields: RuleField[] = [
  { key: 'id', kind: 'string' },
  { key: 'name', kind: 'string' },
  { key: 'size', kind: 'number' },
  { key: 'type', kind: 'string' },
];

const tickFields: RuleField[] = ['item', 'by', 'at'].map((key) => ({ key, kind: 'string' }));

function kindOf({ type }: Field): Kind {
  switch (type) {
    case 'number':
    case 'money':
    case 'percent':
      return 'number';
    case 'yesNo':
      return 'bool';
    case 'multiChoice':
      return 'list';
    case 'file':
    case 'subTable':
    case 'checklist':
      return 'table';
    case 'formula':
      return 'any';
    default:
      return 'string';
  }
}
