import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LinkButton } from '@/shared/kit/button';
import { EmptyState } from '@/shared/kit/states';

export function NotFound(): ReactNode {
  const { t } = useTranslation();
  return (
    <EmptyState icon="search" title={t('error.noPage')} text={t('error.noPageMend')}>
      <LinkButton to="/" icon="home">
        {t('action.home')}
      </LinkButton>
    </EmptyState>
  );
}
