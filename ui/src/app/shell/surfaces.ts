import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/shared/client/client';
import { useText } from '@/shared/i18n/use-text';
import { isIconName, type IconName } from '@/shared/kit/icon';
import { routes } from '@/shared/routes';
import { useMe } from '@/shared/session';

export interface Surface {
  to: string;
  icon: IconName;
  title: string;
  count?: number; // a badge; 0 is not shown
  exact?: boolean;
}

export interface SurfaceGroup {
  key: string;
  title?: string;
  surfaces: readonly Surface[];
}

// useSurfaces is what the navigation offers this person: only pages that exist and that they may open.
export function useSurfaces(): readonly SurfaceGroup[] {
  const { t } = useTranslation();
  const { permissions, unread = 0 } = useMe();
  const work: Surface[] = [
    { to: routes.today, icon: 'today', title: t('today.title'), exact: true },
    { to: routes.tasks, icon: 'tasks', title: t('tasks.title') },
    { to: routes.notices, icon: 'bell', title: t('nav.notices'), count: unread },
  ];
  const pools = useQuery({ queryKey: ['pools'], queryFn: () => body(api.GET('/pools')), staleTime: 5 * 60_000 }).data?.items ?? [];
  if (pools.length > 0) work.push({ to: routes.pool, icon: 'box', title: t('nav.pool') });
  const text = useText();
  const apps = useQuery({ queryKey: ['apps'], queryFn: () => body(api.GET('/apps')), staleTime: 5 * 60_000 }).data?.items ?? [];
  const build: Surface[] = [];
  if (apps.some((app) => app.permissions.includes('design'))) build.push({ to: routes.build, icon: 'build', title: t('nav.design') });
  if (permissions.includes('apps.install')) build.push({ to: routes.market, icon: 'box', title: t('nav.market') });
  const admin: Surface[] = [];
  if (permissions.includes('people.manage')) admin.push({ to: routes.people, icon: 'people', title: t('nav.people') });
  if (permissions.includes('admin.read')) {
    admin.push({ to: routes.channels, icon: 'mail', title: t('nav.channels') }, { to: routes.audit, icon: 'history', title: t('nav.audit') }, { to: routes.stuck, icon: 'alert', title: t('nav.stuck') });
  }
  return [{ key: 'work', title: t('nav.work'), surfaces: work }, ...apps.map((app) => ({ key: `app/${app.key}`, title: text(app.title), surfaces: menuOf(app, text) })), { key: 'build', title: t('nav.build'), surfaces: build }, { key: 'admin', title: t('nav.admin'), surfaces: admin }].filter((group) => group.surfaces.length > 0);
}

// menuOf is an app's own part of the navigation, as its definition words and orders it.
function menuOf(app: Schemas['App'], text: ReturnType<typeof useText>): Surface[] {
  return app.menu.flatMap(({ form: key, view, title, icon }) => {
    const form = app.forms.find((candidate) => candidate.key === key);
    if (!form) return [];
    const named = [icon, form.icon].find(isIconName);
    const to = view === 'board' ? routes.board(app.key, key) : routes.list(app.key, key);
    return [{ to, icon: named ?? (view === 'board' ? 'board' : 'list'), title: text(title ?? form.plural ?? form.title), exact: view !== 'board' }];
  });
}
