import { type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type FieldProblem } from '@/shared/client/problem';
import { Icon } from '@/shared/kit/icon';

export interface ProblemListProps {
  problems: readonly FieldProblem[];
  warnings: readonly FieldProblem[];
}

// ProblemList says what keeps a definition from being published, and what is likely not meant.
export function ProblemList({ problems, warnings }: ProblemListProps): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      {problems.length === 0 ? (
        <p className="sw-build-fine" role="status">
          <Icon name="check" size={16} /> {t('build.noProblems')}
        </p>
      ) : (
        <Findings title={t('build.problems', { count: problems.length })} findings={problems} />
      )}
      {warnings.length > 0 && <Findings title={t('build.warnings', { count: warnings.length })} findings={warnings} />}
    </>
  );
}

function Findings({ title, findings }: { title: string; findings: readonly FieldProblem[] }): ReactNode {
  return (
    <section className="sw-panel sw-build-problems" aria-label={title}>
      <div className="sw-panel-head">
        <h2>{title}</h2>
      </div>
      <ul>
        {findings.map((finding) => (
          <li key={finding.pointer + finding.code + finding.message}>
            <code>{finding.pointer || '/'}</code>
            <span>{finding.message}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
