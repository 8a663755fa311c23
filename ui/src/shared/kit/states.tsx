import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '../client/problem';
import { Button } from './button';
import { Icon, type IconName } from './icon';

interface StateProps {
  icon: IconName;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
  tone?: 'bad';
}

function State({ icon, title, text, children, tone }: StateProps): ReactNode {
  return (
    <div className="sw-state" data-tone={tone} role={tone === 'bad' ? 'alert' : undefined}>
      <div className="sw-state-sign">
        <Icon name={icon} size={24} />
      </div>
      <h2>{title}</h2>
      {text !== undefined && <p>{text}</p>}
      {children !== undefined && <div className="sw-state-actions">{children}</div>}
    </div>
  );
}

export interface EmptyStateProps {
  title: string;
  text?: string;
  icon?: IconName;
  children?: ReactNode; // the one or two things to do about it
}

export function EmptyState({ icon = 'box', ...rest }: EmptyStateProps): ReactNode {
  return <State icon={icon} {...rest} />;
}

// ErrorState shows anything thrown, what mends it, and a way to try again. A refusal for lack of permission and a thing
// that is not there look like what they are.
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }): ReactNode {
  const { t } = useTranslation();
  const problem = asProblem(error);
  if (problem.status === 403) return <NoPermission title={problem.title} text={problem.detail} />;
  if (problem.status === 404) return <EmptyState icon="search" title={problem.title} text={problem.detail} />;
  return (
    <State
      icon="alert"
      tone="bad"
      title={problem.title}
      text={
        <>
          {problem.detail}
          {problem.requestId && (
            <>
              {' '}
              <span className="sw-state-small">{t('error.requestId', { id: problem.requestId })}</span>
            </>
          )}
        </>
      }
    >
      {onRetry && (
        <Button icon="refresh" onClick={onRetry}>
          {t('action.retry')}
        </Button>
      )}
    </State>
  );
}

export function NoPermission({ title, text }: { title?: string; text?: string }): ReactNode {
  const { t } = useTranslation();
  return <State icon="lock" title={title || t('error.forbidden')} text={text || t('error.forbiddenMend')} />;
}

function Bone({ width, height = 12 }: { width: number | string; height?: number }): ReactNode {
  return <div className="sw-bone" style={{ width, height }} />;
}

const widths = ['62%', '48%', '71%', '55%', '66%', '43%', '58%', '69%'];

// SkeletonRows stands where a list will be.
export function SkeletonRows({ rows = 6 }: { rows?: number }): ReactNode {
  return (
    <Loading>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="sw-bones-row">
          <Bone width={28} height={28} />
          <Bone width={widths[row % widths.length] ?? '60%'} />
        </div>
      ))}
    </Loading>
  );
}

// SkeletonForm stands where a form will be.
export function SkeletonForm({ fields = 6 }: { fields?: number }): ReactNode {
  return (
    <Loading className="sw-bones-form">
      {Array.from({ length: fields }, (_, field) => (
        <div key={field} className="sw-bones">
          <Bone width={72 + (field % 3) * 24} />
          <Bone width="100%" height={32} />
        </div>
      ))}
    </Loading>
  );
}

// SkeletonPage stands where a page with a heading will be.
export function SkeletonPage(): ReactNode {
  return (
    <Loading className="sw-bones sw-page">
      <Bone width={180} height={22} />
      <Bone width="100%" height={120} />
      <Bone width="100%" height={240} />
    </Loading>
  );
}

function Loading({ className, children }: { className?: string; children: ReactNode }): ReactNode {
  const { t } = useTranslation();
  return (
    <div role="status" aria-busy="true">
      <span className="sw-visually-hidden">{t('kit.loading')}</span>
      <div className={className} aria-hidden="true">
        {children}
      </div>
    </div>
  );
}
