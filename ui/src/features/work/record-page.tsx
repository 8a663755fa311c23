import { useQuery } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { useParams } from 'react-router';
import { api, tagged } from '@/shared/client/client';
import { PageTitle } from '@/shared/kit/page-title';
import { ErrorState, SkeletonPage } from '@/shared/kit/states';
import { RecordEditor } from './record-editor';
import { formQuery } from './form-query';
import { loadParts } from './record-parts';
import './record.css';

// RecordPage is one record: where it stands, what it asks for now, and everything that happened to it.
export function RecordPage(): ReactNode {
  const { app = '', form = '', id = '' } = useParams();
  const view = useQuery(formQuery(app, form));
  useEffect(loadParts, []);
  const record = useQuery({
    queryKey: ['records', app, form, id, 'full'],
    queryFn: () => tagged(api.GET('/apps/{app}/forms/{form}/records/{id}', { params: { path: { app, form, id } } })),
  });
  // What cannot be loaded at all is said; a failed refresh leaves the page as it was.
  const failed = [record, view].find((query) => query.isError && !query.data);
  if (failed) return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!view.data || !record.data) return <SkeletonPage />;
  return (
    <>
      <PageTitle title={record.data.data.title} />
      <RecordEditor key={`${app}/${form}/${id}`} view={view.data} latest={record.data} onReload={() => void record.refetch()} />
    </>
  );
}
