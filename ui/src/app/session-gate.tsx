import { useQuery } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { Navigate, Outlet, useLocation } from 'react-router';
import { SignInAgain } from '@/features/session/sign-in-again';
import { ProblemError } from '@/shared/client/problem';
import { bePresent } from '@/shared/client/signed-out';
import { allWords } from '@/shared/i18n/i18n';
import { ErrorState, SkeletonPage } from '@/shared/kit/states';
import { usePrefs } from '@/shared/prefs';
import { routes } from '@/shared/routes';
import { meQuery } from '@/shared/session';
import { LiveUpdates } from './live-updates';

// SessionGate lets only signed-in people through and remembers where the others were going.
export function SessionGate(): ReactNode {
  const me = useQuery(meQuery);
  const { pathname, search } = useLocation();
  const locale = me.data?.locale;
  const theme = me.data?.theme;
  useEffect(() => {
    // What a person chose on another device holds here too.
    if (locale) usePrefs.getState().setLanguage(locale);
    if (theme) usePrefs.getState().setTheme(theme);
  }, [locale, theme]);
  useEffect(() => {
    // Once something is on the screen, so that whatever is opened next has its words. A page that needs them waits for them,
    // and says it when they cannot be had.
    allWords().catch(() => undefined);
  }, []);

  const present = me.data !== undefined;
  useEffect(() => {
    bePresent(present);
    return () => bePresent(false);
  }, [present]);

  if (me.data) {
    return (
      <>
        <LiveUpdates />
        <SignInAgain me={me.data} />
        <Outlet />
      </>
    );
  }
  if (me.isError) {
    if (me.error instanceof ProblemError && me.error.status === 401) {
      const from = pathname + search;
      return <Navigate to={routes.signIn + (from === '/' ? '' : `?to=${encodeURIComponent(from)}`)} replace />;
    }
    return <ErrorState error={me.error} onRetry={() => void me.refetch()} />;
  }
  return <SkeletonPage />;
}
