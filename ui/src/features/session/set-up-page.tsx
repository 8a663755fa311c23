import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { api, body } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { Button } from '@/shared/kit/button';
import { meQuery } from '@/shared/session';
import { Entry, Refusal, Welcome } from './welcome';

const shortest = 10;

// SetUpPage is where the one-time link of the first start leads: it makes the first administrator.
export function SetUpPage(): ReactNode {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [name, setName] = useState('');
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const setUp = useMutation({
    mutationFn: () =>
      body(api.POST('/setup', { body: { token: search.get('token') ?? '', name: name.trim(), username: username.trim(), password } })),
    onSuccess: (me) => {
      queries.clear();
      queries.setQueryData(meQuery.queryKey, me);
      void navigate('/', { replace: true });
    },
  });
  const problem = setUp.error && asProblem(setUp.error);
  return (
    <Welcome page={t('session.begin')} title={t('session.setUpTitle')} text={t('session.setUpSubtitle')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!setUp.isPending) setUp.mutate();
        }}
      >
        {problem && <Refusal title={problem.errors[0]?.message ?? problem.title} detail={problem.detail} />}
        <Entry label={t('session.name')} autoComplete="name" value={name} onChange={(event) => setName(event.target.value)} />
        <Entry label={t('session.username')} autoComplete="username" autoCapitalize="none" value={username} onChange={(event) => setUsername(event.target.value)} />
        <Entry
          label={t('session.password')}
          help={t('session.passwordHelp', { count: shortest })}
          type="password"
          autoComplete="new-password"
          minLength={shortest}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button type="submit" kind="primary" wide busy={setUp.isPending}>
          {t('session.begin')}
        </Button>
      </form>
    </Welcome>
  );
}
