import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import { Avatar } from '@/shared/kit/avatar';
import { Icon } from '@/shared/kit/icon';
import { Mark } from '@/shared/kit/mark';
import { routes } from '@/shared/routes';
import { useMe } from '@/shared/session';
import { useSurfaces, type Surface } from './surfaces';

// Rail is the navigation of the desk.
export function Rail(): ReactNode {
  const { t } = useTranslation();
  const me = useMe();
  const groups = useSurfaces();
  return (
    <nav className="sw-rail" aria-label={t('app.navigation')}>
      <NavLink to="/" className="sw-rail-brand">
        <Mark size={26} />
        <span>{t('app.name')}</span>
      </NavLink>
      <div className="sw-rail-groups">
        {groups.map((group) => (
          <section key={group.key} aria-label={group.title}>
            {group.title && <h2 className="sw-rail-title">{group.title}</h2>}
            <ul>
              {group.surfaces.map((surface) => (
                <li key={surface.to}>
                  <RailLink surface={surface} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <NavLink to={routes.me} className="sw-rail-link sw-rail-me">
        <Avatar name={me.name} size={26} />
        <span className="sw-rail-who">
          <span className="sw-ellipsis">{me.name}</span>
          {me.position && <span className="sw-rail-role sw-ellipsis">{me.position}</span>}
        </span>
      </NavLink>
    </nav>
  );
}

function RailLink({ surface }: { surface: Surface }): ReactNode {
  const { to, icon, title, count = 0, exact = false } = surface;
  return (
    <NavLink to={to} end={exact} className="sw-rail-link">
      <Icon name={icon} />
      <span className="sw-ellipsis">{title}</span>
      {count > 0 && <span className="sw-badge">{count}</span>}
    </NavLink>
  );
}
