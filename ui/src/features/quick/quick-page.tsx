import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { api, body } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { syncClock } from '@/shared/clock';
import { Button } from '@/shared/kit/button';
import { Mark } from '@/shared/kit/mark';
import { PageTitle } from '@/shared/kit/page-title';
import { SkeletonForm } from '@/shared/kit/states';
import { usePrefs } from '@/shared/prefs';
import { QuickForm } from './quick-form';
import { QuickDone, QuickRefusal } from './quick-states';
import './quick.css';

// QuickPage is what a quick link opens: what is asked for, and nothing else. Nobody need be signed in.
export function QuickPage(): ReactNode {
  const { t } = useTranslation();
  const { token = '' } = useParams();
  const { language, setLanguage } = usePrefs();
  const [sent, setSent] = useState<{ path?: string | undefined }>();
  const page = useQuery({
    queryKey: ['quick', token],
    queryFn: async () => {
      const asked = await body(api.GET('/quick/{token}', { params: { path: { token } } }));
      syncClock(asked.now, false); // nobody need be signed in, so nothing else has told it
      return asked;
    },
    enabled: sent === undefined,
    staleTime: 0,
    retry: false,
  });
  const locale = page.data?.locale;
  useEffect(() => {
    if (locale === 'zh-CN' || locale === 'en') setLanguage(locale);
  }, [locale, setLanguage]);

  // What is being filled in stays when a refresh fails; a link that has ended in between is told by the answer.
  const failed = page.isError && !page.data ? asProblem(page.error) : undefined;
  return (
    <div className="sw-quick">
      <PageTitle title={t('quick.page')} />
      <header className="sw-quick-head">
        <Mark size={28} />
        <span>{t('app.name')}</span>
        <Button kind="quiet" size="small" icon="language" onClick={() => setLanguage(language === 'en' ? 'zh-CN' : 'en')}>
          {t('app.otherLanguage')}
        </Button>
      </header>
      <main className="sw-quick-box">
        {sent ? (
          <QuickDone path={sent.path} />
        ) : page.data ? (
          <QuickForm token={token} page={page.data} onSent={() => setSent({ path: page.data.recordPath })} />
        ) : failed ? (
          <QuickRefusal problem={failed} onRetry={() => void page.refetch()} />
        ) : (
          <SkeletonForm fields={2} />
        )}
      </main>
    </div>
  );
}
