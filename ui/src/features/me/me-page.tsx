import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, body, type Schemas } from '@/shared/client/client';
import { useText } from '@/shared/i18n/use-text';
import { Avatar } from '@/shared/kit/avatar';
import { Button } from '@/shared/kit/button';
import { PageTitle } from '@/shared/kit/page-title';
import { Segments } from '@/shared/kit/tabs';
import { toast } from '@/shared/kit/toast';
import { languages, themes, usePrefs } from '@/shared/prefs';
import { routes } from '@/shared/routes';
import { meQuery, useMe } from '@/shared/session';
import { DelegationsPanel } from './delegations-panel';
import './me.css';
import { NoticesPanel } from './notices-panel';
import { OpinionsPanel } from './opinions-panel';
import { PasswordPanel } from './password-panel';
import { SessionsPanel } from './sessions-panel';

const themeIcons = { system: 'device', light: 'sun', dark: 'moon' } as const;
const languageNames = { 'zh-CN': '简体中文', en: 'English' } as const;

// MePage is a person's own corner: how the product looks to them, their password, their sessions.
export function MePage(): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const me = useMe();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { language, theme, setLanguage, setTheme } = usePrefs();
  const remember = useMutation({
    mutationFn: (choice: Partial<Pick<Schemas['Me'], 'locale' | 'theme'>>) => body(api.PATCH('/me', { body: choice })),
    onSuccess: (next) => queries.setQueryData(meQuery.queryKey, next),
    onError: toast.problem,
  });
  const signOut = useMutation({
    mutationFn: () => api.DELETE('/session'),
    onSuccess: () => {
      queries.clear();
      void navigate(routes.signIn, { replace: true });
    },
    onError: toast.problem,
  });
  return (
    <div className="sw-page" data-narrow="">
      <PageTitle title={t('nav.me')} />
      <header className="sw-me-head">
        <Avatar name={me.name} size={56} />
        <div>
          <h1>{me.name}</h1>
          <p className="sw-faint">{[me.position, text(me.departmentName), me.email].filter(Boolean).join(' · ') || me.username}</p>
        </div>
      </header>
      <section className="sw-panel" aria-labelledby="me-look">
        <div className="sw-panel-head">
          <h2 id="me-look">{t('me.look')}</h2>
        </div>
        <div className="sw-me-row">
          <span>{t('me.language')}</span>
          <Segments
            label={t('me.language')}
            segments={languages.map((key) => ({ key, title: languageNames[key] }))}
            selected={language}
            onSelect={(locale) => {
              setLanguage(locale);
              remember.mutate({ locale });
            }}
          />
        </div>
        <div className="sw-me-row">
          <span>{t('me.theme')}</span>
          <Segments
            label={t('me.theme')}
            segments={themes.map((key) => ({ key, title: t(`me.themes.${key}`), icon: themeIcons[key] }))}
            selected={theme}
            onSelect={(chosen) => {
              setTheme(chosen);
              remember.mutate({ theme: chosen });
            }}
          />
        </div>
      </section>
      <NoticesPanel />
      <DelegationsPanel />
      <OpinionsPanel />
      <PasswordPanel />
      <SessionsPanel />
      <div>
        <Button icon="signOut" busy={signOut.isPending} onClick={() => signOut.mutate()}>
          {t('me.signOut')}
        </Button>
      </div>
    </div>
  );
}
