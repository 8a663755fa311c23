import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, LinkButton } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import { Sheet } from '@/shared/kit/sheet';
import { routes } from '@/shared/routes';
import type { Refused } from './use-board';

// RefusalSheet says exactly what keeps a card from moving, and leads to where it can be mended.
export function RefusalSheet({ refused, stage, onClose }: { refused: Refused; stage: string; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const { record, problem } = refused;
  return (
    <Sheet
      title={t('board.refused', { stage })}
      onClose={onClose}
      width={460}
      footer={
        <>
          <Button onClick={onClose}>{t('kit.close')}</Button>
          <LinkButton to={routes.record(record.app, record.form, record.id)} kind="primary" icon="edit">
            {problem.errors.length > 0 ? t('board.openAndFill') : t('board.open')}
          </LinkButton>
        </>
      }
    >
      <div className="sw-refusal">
        <p className="sw-refusal-record">{record.title}</p>
        <div className="sw-summary" role="alert">
          <Icon name="alert" />
          <div>
            <strong>{problem.title}</strong>
            {problem.detail && <p>{problem.detail}</p>}
          </div>
        </div>
        {problem.errors.length > 0 && (
          <ul className="sw-refusal-list">
            {problem.errors.map((error) => (
              <li key={error.pointer + error.code + error.message}>
                <span className="sw-refusal-box" aria-hidden="true" />
                {error.message}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Sheet>
  );
}
