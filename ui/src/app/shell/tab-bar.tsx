import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, useLocation } from 'react-router';
import { Icon } from '@/shared/kit/icon';
import { Sheet } from '@/shared/kit/sheet';
import { routes } from '@/shared/routes';
import { useSurfaces, type Surface } from './surfaces';

const places = 5;

// TabBar is the navigation of the phone: the first places, and the rest behind "more".
export function TabBar(): ReactNode {
  const { t } = useTranslation();
  const groups = useSurfaces();
  const { pathname } = useLocation();
  const [openAt, setOpenAt] = useState<string>();
  const all: Surface[] = [...groups.flatMap((group) => group.surfaces), { to: routes.me, icon: 'person', title: t('nav.me') }];
  const fits = all.length <= places;
  const first = fits ? all : all.slice(0, places - 1);
  const open = openAt === pathname;
  return (
    <nav className="sw-tabbar" aria-label={t('app.navigation')}>
      {first.map((surface) => (
        <TabLink key={surface.to} surface={surface} />
      ))}
      {!fits && (
        <button type="button" className="sw-tabbar-link" aria-expanded={open} onClick={() => setOpenAt(pathname)}>
          <Icon name="menu" size={22} />
          <span>{t('app.more')}</span>
        </button>
      )}
      {open && (
        <Sheet title={t('app.more')} onClose={() => setOpenAt(undefined)}>
          <ul className="sw-more">
            {all.slice(places - 1).map(({ to, icon, title, count = 0 }) => (
              <li key={to}>
                <NavLink to={to} className="sw-more-link" onClick={() => setOpenAt(undefined)}>
                  <Icon name={icon} size={22} />
                  <span>{title}</span>
                  {count > 0 && <span className="sw-badge">{count}</span>}
                  <Icon name="chevronRight" />
                </NavLink>
              </li>
            ))}
          </ul>
        </Sheet>
      )}
    </nav>
  );
}

function TabLink({ surface }: { surface: Surface }): ReactNode {
  const { to, icon, title, count = 0, exact = false } = surface;
  return (
    <NavLink to={to} end={exact} className="sw-tabbar-link">
      <span className="sw-tabbar-icon">
        <Icon name={icon} size={22} />
        {count > 0 && <span className="sw-badge">{count > 99 ? '99+' : count}</span>}
      </span>
      <span className="sw-ellipsis">{title}</span>
    </NavLink>
  );
}
