import { lazy, Suspense, type ComponentType, type ReactNode } from 'react';
import { BrowserRouter, Outlet, Route, Routes, useLocation } from 'react-router';
import { allWords } from '@/shared/i18n/i18n';
import { SkeletonPage } from '@/shared/kit/states';
import { routes } from '@/shared/routes';
import { ErrorBoundary } from './error-boundary';
import { NotFound } from './not-found';
import { SessionGate } from './session-gate';
import { Shell } from './shell/shell';

// page loads a page's code when it is first visited.
function page(load: () => Promise<ComponentType>): ReactNode {
  const Page = lazy(async () => {
    const [Loaded] = await Promise.all([load(), allWords()]);
    return { default: Loaded };
  });
  return <Page />;
}

// firstPage is one that people begin with: its words are in the first part, and it waits for no others.
function firstPage(load: () => Promise<ComponentType>): ReactNode {
  const Page = lazy(async () => ({ default: await load() }));
  return <Page />;
}

const signIn = firstPage(async () => (await import('@/features/session/sign-in-page')).SignInPage);
const setUp = firstPage(async () => (await import('@/features/session/set-up-page')).SetUpPage);
const quick = page(async () => (await import('@/features/quick/quick-page')).QuickPage);
const today = firstPage(async () => (await import('@/features/work/today-page')).TodayPage);
const tasks = firstPage(async () => (await import('@/features/work/tasks-page')).TasksPage);
const task = firstPage(async () => (await import('@/features/work/task-page')).TaskPage);
const notices = page(async () => (await import('@/features/work/notices-page')).NoticesPage);
const record = firstPage(async () => (await import('@/features/work/record-page')).RecordPage);
const newRecord = firstPage(async () => (await import('@/features/work/new-record-page')).NewRecordPage);
const pool = page(async () => (await import('@/features/pool/pool-page')).PoolPage);
const list = page(async () => (await import('@/features/browse/list-page')).ListPage);
const board = page(async () => (await import('@/features/browse/board-page')).BoardPage);
const build = page(async () => (await import('@/features/build/build-page')).BuildPage);
const definition = page(async () => (await import('@/features/build/definition-page')).DefinitionPage);
const automations = page(async () => (await import('@/features/automations/automations-page')).AutomationsPage);
const automation = page(async () => (await import('@/features/automations/automation-page')).AutomationPage);
const market = page(async () => (await import('@/features/build/market-page')).MarketPage);
const audit = page(async () => (await import('@/features/admin/audit-page')).AuditPage);
const channels = page(async () => (await import('@/features/admin/channels-page')).ChannelsPage);
const stuck = page(async () => (await import('@/features/admin/stuck-page')).StuckPage);
const people = page(async () => (await import('@/features/people/people-page')).PeoplePage);
const me = page(async () => (await import('@/features/me/me-page')).MePage);

// Router is the map of the product. A page that has a place in the navigation is also named in shell/surfaces.ts.
// (The plain router, not the data router: queries load the data, and it is 20 kB lighter on a phone.)
export function Router(): ReactNode {
  return (
    <BrowserRouter>
      <Routes>
        <Route element={<Page />}>
          <Route path={routes.signIn} element={signIn} />
          <Route path={routes.setUp} element={setUp} />
          <Route path={routes.quick} element={quick} />
        </Route>
        <Route element={<SessionGate />}>
          <Route element={<Shell />}>
            <Route element={<Page />}>
              <Route path={routes.today} element={today} />
              <Route path={routes.tasks} element={tasks} />
              <Route path="/tasks/:id" element={task} />
              <Route path={routes.notices} element={notices} />
              <Route path={routes.pool} element={pool} />
              <Route path="/apps/:app/:form/new" element={newRecord} />
              <Route path="/apps/:app/:form/:id" element={record} />
              <Route path="/apps/:app/:form" element={list} />
              <Route path={routes.me} element={me} />
              <Route path="/apps/:app/:form/board" element={board} />
              <Route path={routes.build} element={build} />
              <Route path="/build/:app" element={build} />
              <Route path="/build/:app/automations" element={automations} />
              <Route path="/build/:app/automations/:key" element={automation} />
              <Route path="/build/:app/:kind/:key" element={definition} />
              <Route path={routes.market} element={market} />
              <Route path={routes.people} element={people} />
              <Route path={routes.audit} element={audit} />
              <Route path={routes.channels} element={channels} />
              <Route path={routes.stuck} element={stuck} />
              <Route path="*" element={<NotFound />} />
            </Route>
          </Route>
        </Route>
      </Routes>
    </BrowserRouter>
  );
}

// Page waits for a page's code and catches what it throws.
function Page(): ReactNode {
  const { pathname } = useLocation();
  return (
    <ErrorBoundary at={pathname}>
      <Suspense fallback={<SkeletonPage />}>
        <Outlet />
      </Suspense>
    </ErrorBoundary>
  );
}
