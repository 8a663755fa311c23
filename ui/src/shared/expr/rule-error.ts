// The ways in which a rule can fail. `missing` is a blank value, which makes a condition false and a formula blank; the
// rest are mistakes. The server words them for people; the browser only needs to tell them apart.
export type RuleFailure = 'syntax' | 'shared' | 'missing' | 'mismatch' | 'value' | 'notFinite' | 'failed';

export class RuleError extends Error {
  override readonly name = 'RuleError';

  constructor(
    readonly failure: RuleFailure,
    message: string,
    readonly at?: number, // offset into the rule's text
  ) {
    super(message);
  }
}

export const missing = (): RuleError => new RuleError('missing', 'a value that the rule needs is blank');

export const unfit = (value: unknown, need: string): RuleError =>
  value === null || value === undefined ? missing() : new RuleError('value', `${String(value)} is not ${need}`);
