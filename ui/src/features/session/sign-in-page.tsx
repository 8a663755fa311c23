import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { api, body } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { syncClock } from '@/shared/clock';
import { Button } from '@/shared/kit/button';
import { meQuery } from '@/shared/session';
import { Entry, Refusal, Welcome } from './welcome';

export function SignInPage(): ReactNode {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => body(api.GET('/setup')), retry: false });
  const signIn = useMutation({
    mutationFn: () => body(api.POST('/session', { body: { username: username.trim(), password } })),
    onSuccess: (me) => {
      queries.clear();
      syncClock(me.now, me.manualClock);
      queries.setQueryData(meQuery.queryKey, me);
      void navigate(insideOnly(search.get('to')), { replace: true });
    },
    onError: () => setPassword(''),
  });
  const problem = signIn.error && asProblem(signIn.error);
  return (
    <Welcome page={t('session.signIn')} title={t('session.title')} text={t('session.subtitle')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!signIn.isPending) signIn.mutate();
        }}
      >
        {problem && <Refusal title={problem.title} detail={problem.detail} />}
        {setup.data?.needed && <p className="sw-note">{t('session.setUpFirst')}</p>}
        <Entry label={t('session.username')} autoComplete="username" autoCapitalize="none" value={username} onChange={(event) => setUsername(event.target.value)} />
        <Entry label={t('session.password')} type="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
        <Button type="submit" kind="primary" wide busy={signIn.isPending}>
          {t('session.signIn')}
        </Button>
      </form>
    </Welcome>
  );
}

// insideOnly keeps a link from sending somebody to another site after they signed in.
export function insideOnly(to: string | null): string {
  return to !== null && /^\/(?![/\\])/.test(to) ? to : '/';
}
