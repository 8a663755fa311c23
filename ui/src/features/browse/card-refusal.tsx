import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, LinkButton } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import { routes } from '@/shared/routes';
import type { Refused } from './use-board';

interface CardRefusalProps {
  refused: Refused;
  stage: string;
  onMore: () => void;
  onClose: () => void;
}

const most = 3;

// CardRefusal says at the card, which lies in its place again, what kept it from moving and where that is mended.
export function CardRefusal({ refused, stage, onMore, onClose }: CardRefusalProps): ReactNode {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const { record, problem } = refused;
  useEffect(() => {
    box.current?.closest('li')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [refused]);
  const reasons = problem.errors.length > 0 ? problem.errors.map(({ message }) => message) : [problem.detail || problem.title];
  const rest = reasons.length - most;
  return (
    <div ref={box} className="sw-card-refusal">
      <div role="alert">
        <strong>
          <Icon name="alert" size={16} /> {t('board.refused', { stage })}
        </strong>
        <ul>
          {reasons.slice(0, most).map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </div>
      <div className="sw-card-refusal-do">
        <LinkButton to={routes.record(record.app, record.form, record.id)} size="small" kind="primary">
          {problem.errors.length > 0 ? t('board.openAndFill') : t('board.open')}
        </LinkButton>
        {rest > 0 && (
          <Button size="small" kind="link" onClick={onMore}>
            {t('board.moreReasons', { count: rest })}
          </Button>
        )}
        <Button size="small" kind="quiet" onClick={onClose}>
          {t('kit.close')}
        </Button>
      </div>
    </div>
  );
}
