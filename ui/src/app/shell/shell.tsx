import type { ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet, useLocation } from 'react-router';
import { usePhone } from '@/shared/kit/use-phone';
import { Offline } from './offline';
import { Rail } from './rail';
import './shell.css';
import { TabBar } from './tab-bar';

// Shell is the frame of every page: a rail on the desk, tabs under the thumb on a phone.
export function Shell(): ReactNode {
  const { t } = useTranslation();
  const phone = usePhone();
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    // A new page begins at its top, for eyes and for screen readers.
    main.current?.focus({ preventScroll: true });
    main.current?.scrollTo(0, 0);
  }, [pathname]);
  return (
    <div className="sw-shell">
      <a className="sw-skip" href="#main">
        {t('app.skip')}
      </a>
      {!phone && <Rail />}
      <div className="sw-stage">
        <Offline />
        <main id="main" ref={main} className="sw-main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      {phone && <TabBar />}
    </div>
  );
}
