import { useEffect, useState } from 'react';
import type { JsonSchema } from '@/shared/definition/form';
import type { SchemaProblems } from './validate';

type Maker = (schema: JsonSchema) => SchemaProblems;

let loaded: Maker | undefined;

// loadSchemaProblems fetches the code that checks schemas.
export async function loadSchemaProblems(): Promise<Maker> {
  loaded ??= (await import('./schema-problems')).schemaProblems;
  return loaded;
}

// useSchemaProblems is the check of a schema, once its code is here: nobody waits for it to see a form or to begin typing.
// What is sent before, or when it cannot be had, the server judges alone.
export function useSchemaProblems(schema: JsonSchema): SchemaProblems | undefined {
  const [made, setMade] = useState<{ schema: JsonSchema; check: SchemaProblems } | undefined>(() => loaded && { schema, check: loaded(schema) });
  useEffect(() => {
    if (made?.schema === schema) return undefined;
    let wanted = true;
    loadSchemaProblems().then(
      (make) => {
        if (wanted) setMade({ schema, check: make(schema) });
      },
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [made, schema]);
  return made?.schema === schema ? made.check : undefined;
}
