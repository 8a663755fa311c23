import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { api, body } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { answerSignIn, useSignedOut } from '@/shared/client/signed-out';
import { syncClock } from '@/shared/clock';
import { Button } from '@/shared/kit/button';
import { useFocusTrap } from '@/shared/kit/use-focus-trap';
import { meQuery, type Me } from '@/shared/session';
import { Entry, Refusal } from './welcome';

// SignInAgain lies over the page when the session has ended. The page stays as it is, and goes on once its person is back.
export function SignInAgain({ me }: { me: Me }): ReactNode {
  const asking = useSignedOut((state) => state.asking);
  return asking && <Box me={me} />;
}

function Box({ me }: { me: Me }): ReactNode {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const id = useId();
  const [password, setPassword] = useState('');
  // There is no way around it: Escape leaves it open.
  const box = useFocusTrap<HTMLFormElement>({ trap: true, onEscape: () => undefined });
  const signIn = useMutation({
    mutationFn: () => body(api.POST('/session', { body: { username: me.username, password } })),
    onSuccess: (now) => {
      syncClock(now.now, now.manualClock);
      queries.setQueryData(meQuery.queryKey, now);
      answerSignIn(true);
    },
    onError: () => setPassword(''),
  });
  const problem = signIn.error && asProblem(signIn.error);
  return createPortal(
    <div className="sw-confirm">
      <form
        ref={box}
        className="sw-confirm-box"
        role="alertdialog"
        aria-modal="true"
        aria-labelledby={id + 'title'}
        aria-describedby={id + 'text'}
        tabIndex={-1}
        onSubmit={(event) => {
          event.preventDefault();
          if (!signIn.isPending) signIn.mutate();
        }}
      >
        <h2 id={id + 'title'}>{t('session.again')}</h2>
        <p id={id + 'text'} className="sw-confirm-text">
          {t('session.againText', { name: me.name })}
        </p>
        {problem && <Refusal title={problem.title} detail={problem.detail} />}
        <input type="hidden" autoComplete="username" value={me.username} readOnly />
        <Entry label={t('session.password')} type="password" autoComplete="current-password" data-autofocus="" value={password} onChange={(event) => setPassword(event.target.value)} />
        <div className="sw-confirm-actions">
          <Button onClick={() => answerSignIn(false)}>{t('session.somebodyElse')}</Button>
          <Button type="submit" kind="primary" busy={signIn.isPending}>
            {t('session.signIn')}
          </Button>
        </div>
      </form>
    </div>,
    document.body,
  );
}
