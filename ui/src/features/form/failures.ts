import { Validator, type OutputUnit, type Schema } from '@cfworker/json-schema';
import type { JsonSchema } from '@/shared/definition/form';
import { tokens } from './pointer';

// Failure is one keyword that one value does not satisfy; the same facts as schemas/failure on the server.
export interface Failure {
  place: string[];
  keyword: string;
  limit: unknown;
}

// Keywords that only say that something inside them failed.
const holders = new Set(['properties', 'items', 'prefixItems', 'additionalItems', 'allOf', 'if', 'then', 'else', '$ref', 'dependentSchemas', 'patternProperties']);
// Keywords reported as themselves: what failed inside belongs to alternatives nobody chose.
const branching = new Set(['anyOf', 'oneOf', 'not', 'contains']);

export class SchemaCheck {
  private readonly validator: Validator;
  private readonly schema: JsonSchema;

  constructor(schema: JsonSchema) {
    this.schema = schema;
    this.validator = new Validator(schema as Schema, '2020-12', false);
  }

  // failures of a record's data, in the order they were found.
  failures(data: unknown): Failure[] {
    const result = this.validator.validate(data);
    if (result.valid) return [];
    const branches = result.errors.filter(({ keyword }) => branching.has(keyword)).map(({ keywordLocation }) => keywordLocation + '/');
    return result.errors
      .filter((error) => !holders.has(error.keyword) && !branches.some((branch) => error.keywordLocation.startsWith(branch)))
      .map((error) => this.failure(error));
  }

  private failure(error: OutputUnit): Failure {
    const at = tokens(error.keywordLocation);
    let limit: unknown = this.schema;
    for (const token of at) limit = typeof limit === 'object' && limit !== null ? (limit as Record<string, unknown>)[token] : undefined;
    const place = tokens(error.instanceLocation);
    const named = /"([^"]+)"/.exec(error.error)?.[1];
    // The place of a missing or unknown member is the member itself.
    if ((error.keyword === 'required' || error.keyword === 'additionalProperties') && named !== undefined) place.push(named);
    return { place, keyword: error.keyword, limit };
  }
}
