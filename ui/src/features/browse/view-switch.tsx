import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import { Icon } from '@/shared/kit/icon';
import { routes } from '@/shared/routes';

// ViewSwitch goes between the list and the board of the same form.
export function ViewSwitch({ app, form }: { app: string; form: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <nav className="sw-views" aria-label={t('browse.views')}>
      <NavLink to={routes.list(app, form)} end className="sw-view">
        <Icon name="list" size={16} /> {t('browse.list')}
      </NavLink>
      <NavLink to={routes.board(app, form)} className="sw-view">
        <Icon name="board" size={16} /> {t('browse.board')}
      </NavLink>
    </nav>
  );
}
