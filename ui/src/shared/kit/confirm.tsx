import { createContext, use, useCallback, useId, useState, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { Button } from './button';
import { useFocusTrap } from './use-focus-trap';

export interface Question {
  title: string;
  text?: string;
  // action is the verb on the button that says yes.
  action: string;
  danger?: boolean;
  // reason asks for a sentence as well; it may be left empty unless required.
  reason?: { label: string; required?: boolean };
}

// What was answered: undefined is no; a reason is "" when none was asked for or given.
export type Answer = { reason: string } | undefined;

type Ask = (question: Question) => Promise<Answer>;

const ConfirmContext = createContext<Ask | undefined>(undefined);

// useConfirm gives a function that asks a person and answers when they have decided.
export function useConfirm(): Ask {
  const ask = use(ConfirmContext);
  if (!ask) throw new Error('useConfirm needs a ConfirmProvider above it');
  return ask;
}

interface Open {
  question: Question;
  answer: (answer: Answer) => void;
}

export function ConfirmProvider({ children }: { children: ReactNode }): ReactNode {
  const [open, setOpen] = useState<Open>();
  const ask = useCallback<Ask>(
    (question) =>
      new Promise((resolve) => {
        setOpen({
          question,
          answer: (answer) => {
            setOpen(undefined);
            resolve(answer);
          },
        });
      }),
    [],
  );
  return (
    <ConfirmContext value={ask}>
      {children}
      {open && <ConfirmBox question={open.question} onAnswer={open.answer} />}
    </ConfirmContext>
  );
}

function ConfirmBox({ question, onAnswer }: { question: Question; onAnswer: (answer: Answer) => void }): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const box = useFocusTrap<HTMLFormElement>({ trap: true, onEscape: () => onAnswer(undefined) });
  const { title, text, action, danger, reason: wanted } = question;
  return createPortal(
    <div className="sw-confirm">
      <form
        ref={box}
        className="sw-confirm-box"
        role="alertdialog"
        aria-modal="true"
        aria-labelledby={id + 'title'}
        aria-describedby={text === undefined ? undefined : id + 'text'}
        tabIndex={-1}
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation();
          if (wanted?.required && reason.trim() === '') setMissing(true);
          else onAnswer({ reason: reason.trim() });
        }}
      >
        <h2 id={id + 'title'}>{title}</h2>
        {text !== undefined && (
          <p id={id + 'text'} className="sw-confirm-text">
            {text}
          </p>
        )}
        {wanted && (
          <div className="sw-confirm-reason">
            <label htmlFor={id + 'reason'}>{wanted.label}</label>
            <textarea
              id={id + 'reason'}
              className="sw-input"
              data-autofocus=""
              rows={3}
              maxLength={4000}
              value={reason}
              aria-invalid={missing ? true : undefined}
              aria-describedby={missing ? id + 'missing' : undefined}
              onChange={(event) => {
                setReason(event.target.value);
                setMissing(false);
              }}
            />
            {missing && (
              <p id={id + 'missing'} className="sw-message">
                {t('kit.reasonMissing')}
              </p>
            )}
          </div>
        )}
        <div className="sw-confirm-actions">
          <Button onClick={() => onAnswer(undefined)}>{t('action.cancel')}</Button>
          <Button type="submit" kind={danger ? 'danger' : 'primary'} data-autofocus={wanted ? undefined : ''}>
            {action}
          </Button>
        </div>
      </form>
    </div>,
    document.body,
  );
}
