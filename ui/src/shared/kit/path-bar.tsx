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
  // vertical lists the steps one below the other.
  vertical?: boolean;
}

// PathBar shows how far a record has come. Where there is no room for all steps it scrolls, with the present one in the middle.
export function PathBar({ steps, onSelect, vertical = false }: PathBarProps): ReactNode {
  const { t } = useTranslation();
  const bar = useRef<HTMLOListElement>(null);
  const phone = usePhone();
  const present = steps.find((step) => step.state === 'current' || step.state === 'overdue')?.key;

  useEffect(() => {
    const list = bar.current;
    const step = list?.querySelector<HTMLElement>('[aria-current="step"]');
    if (list && step && !vertical) list.scrollLeft = step.offsetLeft - (list.clientWidth - step.clientWidth) / 2;
  }, [present, phone, vertical]);

  return (
    // It may scroll, so the keyboard must reach it.
    <ol className="sw-path" ref={bar} data-vertical={vertical ? '' : undefined} aria-label={t('kit.path')} tabIndex={vertical ? undefined : 0}>
      {steps.map((step) => (
        <li key={step.key} className="sw-path-step" data-state={step.state} aria-current={step.key === present ? 'step' : undefined}>
          {onSelect ? (
            <button type="button" className="sw-path-go" onClick={() => onSelect(step.key)}>
              <Step step={step} />
            </button>
          ) : (
            <div className="sw-path-go">
              <Step step={step} />
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}

function Step({ step }: { step: PathStep }): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <span className="sw-path-dot" aria-hidden="true">
        {step.state === 'done' ? <Icon name="check" size={12} /> : step.state === 'overdue' ? '!' : null}
      </span>
      <span className="sw-path-title">
        {step.title}
        <span className="sw-visually-hidden">{t(`kit.step.${step.state}`)}</span>
        {step.note !== undefined && <span className="sw-path-note">{step.note}</span>}
      </span>
    </>
  );
}

export interface PathBriefProps {
  steps: readonly PathStep[];
  open: boolean;
  onToggle: () => void;
}

// PathBrief is the path in one line, for a phone: a mark for each step and the name of the present one.
export function PathBrief({ steps, open, onToggle }: PathBriefProps): ReactNode {
  const { t } = useTranslation();
  const at = steps.findIndex((step) => step.state === 'current' || step.state === 'overdue');
  const present = steps[at];
  const done = steps.filter((step) => step.state === 'done').length;
  return (
    <button type="button" className="sw-path-brief" aria-expanded={open} onClick={onToggle}>
      <span className="sw-path-marks" aria-hidden="true">
        {steps.map((step) => (
          <span key={step.key} data-state={step.state} />
        ))}
      </span>
      <span className="sw-path-present">
        <span className="sw-ellipsis">
          {present?.title ?? t('kit.path')}
          {present && <span className="sw-visually-hidden">{t(`kit.step.${present.state}`)}</span>}
        </span>
        <span className="sw-path-note">{t('kit.stepOf', { step: present ? at + 1 : done, all: steps.length })}</span>
        <Icon name="chevronDown" />
      </span>
    </button>
  );
}
