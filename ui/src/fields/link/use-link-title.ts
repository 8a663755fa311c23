import { textOf, type ReadProps } from '../kind';
import { useKnownName } from '../parts/known-name';

export function useLinkTitle({ field, value }: ReadProps): string | undefined {
  const id = textOf(value);
  return useKnownName('record', id, async (host) => {
    const record = field.link && (await host.record(field.link, id));
    return record && { name: record.title };
  });
}
