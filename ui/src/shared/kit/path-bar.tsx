import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icon';
import { usePhone } from './use-phone';

export type StepState = 'done' | 'current' | 'upcoming' | 'overdue' | 'skipped';

export interface PathStep {
  key: string;
  title: string;
  state: StepState;
  note?: string; // e.g. when it was left, or how late it is
}

export interface PathBarProps {
  steps: readonly PathStep[];
  onSelect?: (key: string) => void;
}

// PathBar shows how far a record has come. On a phone it scrolls, with the present step in the middle.
export function PathBar({ steps, onSelect }: PathBarProps): ReactNode {
  const { t } = useTranslation();
  const bar = useRef<HTMLOListElement>(null);
  const phone = usePhone();
  const present = steps.find((step) => step.state === 'current' || step.state === 'overdue')?.key;

  useEffect(() => {
    const list = bar.current;
    const step = list?.querySelector<HTMLElement>('[aria-current="step"]');
    if (list && step) list.scrollLeft = step.offsetLeft - (list.clientWidth - step.clientWidth) / 2;
  }, [present, phone]);

  return (
    // It may scroll, so the keyboard must reach it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <ol className="sw-path" ref={bar} aria-label={t('kit.path')} tabIndex={0}>
      {steps.map((step, index) => (
        <li key={step.key} className="sw-path-step" data-state={step.state} aria-current={step.key === present ? 'step' : undefined}>
          {onSelect ? (
            <button type="button" className="sw-path-go" onClick={() => onSelect(step.key)}>
              <Step step={step} number={index + 1} />
            </button>
          ) : (
            <div className="sw-path-go">
              <Step step={step} number={index + 1} />
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}

function Step({ step, number }: { step: PathStep; number: number }): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <span className="sw-path-dot" aria-hidden="true">
        {step.state === 'done' ? <Icon name="check" size={12} /> : step.state === 'overdue' ? '!' : number}
      </span>
      <span className="sw-path-title">
        {step.title}
        <span className="sw-visually-hidden">{t(`kit.step.${step.state}`)}</span>
        {step.note !== undefined && <span className="sw-path-note">{step.note}</span>}
      </span>
    </>
  );
}
