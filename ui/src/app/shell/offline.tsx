import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useConnection } from '@/shared/client/live';
import { Button } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';

// Offline says that the server cannot be reached, for as long as that is so, and that typing on is safe.
export function Offline(): ReactNode {
  const { t } = useTranslation();
  const { lost, tryNow } = useConnection();
  return (
    <div role="status" className="sw-offline-place">
      {lost && (
        <div className="sw-offline">
          <Icon name="alert" size={16} />
          <span>{t('app.offline')}</span>
          <Button kind="link" size="small" onClick={tryNow}>
            {t('app.retryNow')}
          </Button>
        </div>
      )}
    </div>
  );
}
