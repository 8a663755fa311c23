import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { Button } from '@/shared/kit/button';
import { useConfirm } from '@/shared/kit/confirm';
import { toast } from '@/shared/kit/toast';

interface HookPanelProps {
  app: string;
  item: Schemas['OneAutomation'];
  mayMake: boolean;
}

// HookPanel is the secret address at which other systems call an automation. It is shown once.
export function HookPanel({ app, item: { key, hook }, mayMake }: HookPanelProps): ReactNode {
  const { t } = useTranslation();
  const words = useTimeWords();
  const ask = useConfirm();
  const queries = useQueryClient();
  const [url, setURL] = useState<string>();
  const make = useMutation({
    mutationFn: () => body(api.POST('/apps/{app}/automations/{key}/hook', { params: { path: { app, key } } })),
    onSuccess: (made) => {
      setURL(made.url);
      return queries.invalidateQueries({ queryKey: ['automations', app, key] });
    },
    onError: toast.problem,
  });
  const begin = async () => {
    const sure = !hook || (await ask({ title: t('automation.hookNew'), text: t('automation.hookNewText'), action: t('automation.hookNew') }));
    if (sure) make.mutate();
  };
  const copy = async (address: string) => {
    await navigator.clipboard.writeText(address);
    toast.good(t('automation.hookCopied'));
  };
  return (
    <section className="sw-panel sw-auto-hook" aria-label={t('automation.hook')}>
      <div className="sw-panel-head">
        <h2>{t('automation.hook')}</h2>
        {mayMake && (
          <Button size="small" icon="link" busy={make.isPending} onClick={() => void begin()}>
            {hook ? t('automation.hookNew') : t('automation.hookMake')}
          </Button>
        )}
      </div>
      {url === undefined ? (
        <p>{hook ? t('automation.hookSet', { when: words.moment(hook.setAt), hint: `…${hook.hint}` }) : t('automation.hookNone')}</p>
      ) : (
        <>
          <p role="status">{t('automation.hookOnce')}</p>
          <div className="sw-auto-url">
            <code>{url}</code>
            <Button size="small" icon="copy" onClick={() => void copy(url)}>
              {t('automation.hookCopy')}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
