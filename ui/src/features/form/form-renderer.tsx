import { useEffect, useId, useMemo, useRef, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldHostContext, type FieldHost } from '@/fields/host';
import { useText } from '@/shared/i18n/use-text';
import { usePhone } from '@/shared/kit/use-phone';
import { ErrorSummary } from './error-summary';
import { FieldRow, messagesFor } from './field-row';
import './form.css';
import { sectionsOf } from './sections';
import { UnsentNotice } from './unsent-notice';
import { keyOf, type RecordForm } from './use-record-form';

export interface FormRendererProps {
  form: RecordForm;
  host: FieldHost;
  // onSubmit is called on Ctrl/Cmd+Enter anywhere and by a submit button inside.
  onSubmit: () => void;
  // only shows just these fields.
  only?: ReadonlySet<string>;
  children?: ReactNode; // the buttons
}

const none: never[] = [];

// FormRenderer shows a record to be filled, section by section.
export function FormRenderer({ form, host, onSubmit, only, children }: FormRendererProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const touch = usePhone();
  const id = useId();
  const box = useRef<HTMLFormElement>(null);
  const { derived, fields, problems, attempted, stumbles, holds } = form;
  const reading = !Object.values(derived.states).some((state) => state.writable);
  const sections = useMemo(() => sectionsOf(form.form, fields, derived, { only, holds }), [form.form, fields, derived, only, holds]);
  const idOf = (key: string) => `${id}-${key}`;

  // Only fields with something wrong get a list of their own, so that typing in one field does not render the others.
  const messages = useMemo(() => new Map(problems.map(({ pointer }) => [keyOf(pointer), messagesFor(problems, keyOf(pointer))])), [problems]);

  const jump = (key: string) => {
    const row = box.current?.querySelector<HTMLElement>(`[data-field="${CSS.escape(key)}"]`);
    row?.scrollIntoView({ block: 'center' });
    const control = row?.querySelector<HTMLElement>('[aria-invalid="true"]') ?? row?.querySelector<HTMLElement>('input:not([hidden]), select, textarea, button');
    control?.focus({ preventScroll: true });
  };

  const wrong = keyOf(problems[0]?.pointer ?? '');
  const led = useRef(stumbles);
  useEffect(() => {
    if (led.current === stumbles) return;
    led.current = stumbles;
    if (wrong) jump(wrong);
  }, [stumbles, wrong]);

  return (
    <FieldHostContext value={host}>
      {/* Keys pressed in the fields end up here; the form itself takes none. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <form
        ref={box}
        className="sw-form"
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          onSubmit();
        }}
        onKeyDown={(event: KeyboardEvent) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            onSubmit();
          } else if (event.key === 'Enter' && event.target instanceof HTMLInputElement) {
            // Enter ends a choice or a Chinese word far more often than a form.
            event.preventDefault();
          }
        }}
      >
        <UnsentNotice form={form} />
        {attempted && problems.length > 0 && (
          <ErrorSummary problems={problems} label={(key) => text(fields.find((field) => field.key === key)?.title)} onJump={jump} />
        )}
        {sections.map((section) => (
          <fieldset key={section.key} className="sw-section" aria-labelledby={text(section.title) ? `${id}-section-${section.key}` : undefined}>
            {text(section.title) && (
              <h2 id={`${id}-section-${section.key}`} className="sw-section-title">
                {text(section.title)}
              </h2>
            )}
            <div className="sw-section-fields" data-columns={section.columns}>
              {section.fields.map((field) => {
                const state = derived.states[field.key];
                if (!state) return null;
                return (
                  <FieldRow
                    key={field.key}
                    field={field}
                    value={field.type === 'subTable' || !state.writable ? derived.data[field.key] : form.values[field.key]}
                    state={state}
                    messages={messages.get(field.key) ?? none}
                    id={idOf(field.key)}
                    touch={touch}
                    reading={reading}
                    onChange={form.set}
                    onLeave={form.visit}
                  />
                );
              })}
            </div>
          </fieldset>
        ))}
        {form.unsafe && <p className="sw-message">{t('form.cannotKeep')}</p>}
        {children}
      </form>
    </FieldHostContext>
  );
}
