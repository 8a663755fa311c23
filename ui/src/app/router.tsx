import { createBrowserRouter, Navigate, type RouteObject } from 'react-router';
import { SkeletonPage } from '@/shared/kit/states';
import { routes } from '@/shared/routes';
import { RouteError } from './error-boundary';
import { NotFound } from './not-found';
import { SessionGate } from './session-gate';
import { Shell } from './shell/shell';

// Every page is loaded when it is first visited. A page that is added here and has a place in the navigation is also
// named in shell/surfaces.ts.
const pages: RouteObject[] = [
  { index: true, element: <Navigate to={routes.me} replace /> },
  { path: routes.me, lazy: async () => ({ Component: (await import('@/features/me/me-page')).MePage }) },
];

export function newRouter() {
  return createBrowserRouter([
    {
      errorElement: <RouteError />,
      hydrateFallbackElement: <SkeletonPage />,
      children: [
        { path: routes.signIn, lazy: async () => ({ Component: (await import('@/features/session/sign-in-page')).SignInPage }) },
        { path: routes.setUp, lazy: async () => ({ Component: (await import('@/features/session/set-up-page')).SetUpPage }) },
        {
          element: <SessionGate />,
          children: [
            {
              element: <Shell />,
              children: [{ errorElement: <RouteError />, children: [...pages, { path: '*', element: <NotFound /> }] }],
            },
          ],
        },
      ],
    },
  ]);
}
