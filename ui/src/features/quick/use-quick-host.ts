import { useMemo, useRef, useState } from 'react';
import type { FieldHost } from '@/fields/host';
import { kindOf } from '@/fields/registry';
import { uploadByLink } from '@/shared/client/upload';
import type { Field } from '@/shared/definition/form';

// useQuickHost answers field editors on the page of a quick link. It knows no people and no other records, and reads no files.
export function useQuickHost(token: string, fields: readonly Field[], fileNames: Readonly<Record<string, string>>): { host: FieldHost; uploads: number } {
  const [uploads, setUploads] = useState(0);
  const running = useRef(new Map<string, number>());
  const host = useMemo((): FieldHost => {
    // A file rule names a path; what stands there is told by field.
    const parts = new Map(fields.map((field) => [field.file?.nameContains, fileNames[field.key]]));
    return {
      scope: 'quick',
      kindOf,
      nameOf: () => undefined,
      people: () => Promise.resolve([]),
      person: () => Promise.resolve(undefined),
      departments: () => Promise.resolve([]),
      records: () => Promise.resolve([]),
      record: () => Promise.resolve(undefined),
      recordHref: () => undefined,
      upload: (path, file, progress, signal) => uploadByLink(token, path, file, progress, signal),
      fileHref: () => undefined,
      lookup: (path) => parts.get(path),
      busy: (path, count) => {
        running.current.set(path, count);
        setUploads([...running.current.values()].reduce((sum, one) => sum + one, 0));
      },
    };
  }, [token, fields, fileNames]);
  return { host, uploads };
}
