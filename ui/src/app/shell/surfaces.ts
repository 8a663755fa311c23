import { useTranslation } from 'react-i18next';
import type { IconName } from '@/shared/kit/icon';
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
    { to: routes.notices, icon: 'bell', title: t('notices.title'), count: unread },
  ];
  const admin: Surface[] = [];
  if (permissions.includes('people.manage')) admin.push({ to: routes.people, icon: 'people', title: t('people.title') });
  return [{ key: 'work', title: t('nav.work'), surfaces: work }, { key: 'admin', title: t('nav.admin'), surfaces: admin }].filter((group) => group.surfaces.length > 0);
}
