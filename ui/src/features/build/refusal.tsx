import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProblemError } from '@/shared/client/problem';
import { Icon } from '@/shared/kit/icon';

// Refusal says why a definition was not taken.
export function Refusal({ problem, onReload }: { problem: ProblemError; onReload: () => void }): ReactNode {
  const { t } = useTranslation();
  const outdated = problem.status === 409 || problem.status === 412;
  return (
    <div className="sw-summary" role="alert">
      <Icon name="alert" />
      <div>
        <strong>{problem.title}</strong>
        {problem.detail && <p>{problem.detail}</p>}
        {outdated && (
          <button type="button" onClick={onReload}>
            {t('build.loadTheirs')}
          </button>
        )}
      </div>
    </div>
  );
}
