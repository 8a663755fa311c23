import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Field } from '@/shared/definition/form';
import { useText } from '@/shared/i18n/use-text';
import { Icon } from '@/shared/kit/icon';
import { usePhone } from '@/shared/kit/use-phone';

interface StepHeadProps {
  title: string;
  stage: string; // "" when it says no more than the title
  // acts: the step waits for the reader, who can end it.
  acts: boolean;
  missing: readonly Field[];
  onField: (key: string) => void;
}

// StepHead names the step that the fields below belong to and says what it still lacks; each leads to its field.
export function StepHead({ title, stage, acts, missing, onField }: StepHeadProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const shown = usePhone() ? 4 : 8;
  const more = missing.length - shown;
  return (
    <header className="sw-step">
      <div className="sw-step-name">
        <h2>{title}</h2>
        {stage && <span className="sw-help">{stage}</span>}
      </div>
      {missing.length > 0 ? (
        <div className="sw-step-missing">
          <span className="sw-help">{t('record.mustFill', { count: missing.length })}</span>
          <ul>
            {missing.slice(0, shown).map((field) => (
              <li key={field.key}>
                <button type="button" onClick={() => onField(field.key)}>
                  {text(field.title)}
                </button>
              </li>
            ))}
            {more > 0 && <li className="sw-help">{t('form.moreProblems', { count: more })}</li>}
          </ul>
        </div>
      ) : (
        acts && (
          <p className="sw-step-ready">
            <Icon name="check" size={16} />
            {t('record.ready')}
          </p>
        )
      )}
    </header>
  );
}
