import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { textOf } from '@/fields/kind';
import type { Field, RecordData } from '@/shared/definition/form';
import { linkedQuery } from './use-api-field-host';

// useLinks is the data of the records that a form links to: as it came with the record, or asked for when somebody chose
// another.
export function useLinks(app: string, fields: readonly Field[], values: RecordData, base: RecordData, given: Record<string, RecordData>): Record<string, RecordData> {
  const linked = fields.filter((field) => field.type === 'link' && field.link);
  return useQueries({
    queries: linked.map((field) => {
      const id = textOf(values[field.key]);
      const known = id === textOf(base[field.key]) && given[field.key] !== undefined;
      return { ...linkedQuery(app, field.link?.form ?? '', id), enabled: id !== '' && !known };
    }),
    combine: useMemo(() => {
      return (answers: { data?: { data: unknown } | undefined }[]) => {
        const links: Record<string, RecordData> = {};
        linked.forEach((field, index) => {
          const id = textOf(values[field.key]);
          if (id === '') return;
          const data = id === textOf(base[field.key]) ? (given[field.key] ?? answers[index]?.data?.data) : answers[index]?.data?.data;
          if (data !== undefined) links[field.key] = data as RecordData;
        });
        return links;
      };
      // eslint-disable-next-line react-hooks/exhaustive-deps -- linked follows from fields
    }, [fields, values, base, given]),
  });
}
