import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldProblem } from '@/shared/client/problem';
import { Icon } from '@/shared/kit/icon';
import { keyOf } from './use-record-form';

interface ErrorSummaryProps {
  problems: readonly FieldProblem[];
  label: (key: string) => string;
  onJump: (key: string) => void;
}

const shown = 5;

// ErrorSummary lists what keeps a form from being sent; each line leads to its field.
export function ErrorSummary({ problems, label, onJump }: ErrorSummaryProps): ReactNode {
  const { t } = useTranslation();
  const more = problems.length - shown;
  return (
    <div className="sw-summary" role="alert">
      <Icon name="alert" />
      <div>
        <strong>{t('form.problems', { count: problems.length })}</strong>
        <ul>
          {problems.slice(0, shown).map(({ pointer, message, code }) => {
            const key = keyOf(pointer);
            return (
              <li key={pointer + code}>
                {label(key) ? (
                  <button type="button" onClick={() => onJump(key)}>
                    {message}
                  </button>
                ) : (
                  message
                )}
              </li>
            );
          })}
          {more > 0 && <li>{t('form.moreProblems', { count: more })}</li>}
        </ul>
      </div>
    </div>
  );
}
