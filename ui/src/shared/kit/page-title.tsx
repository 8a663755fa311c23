import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

// PageTitle names the page in the browser's tab and history.
export function PageTitle({ title }: { title: string }): ReactNode {
  const { t } = useTranslation();
  return <title>{`${title} · ${t('app.name')}`}</title>;
}
