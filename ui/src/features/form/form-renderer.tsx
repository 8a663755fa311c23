import { useEffect, useId, useMemo, useRef, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldHostContext, type FieldHost } from '@/fields/host';
import { useText } from '@/shared/i18n/use-text';
import { usePhone } from '@/shared/kit/use-phone';
import { ErrorSummary } from './error-summary';
import { messagesFor } from './field-row';
import { FoldedSection, OpenSection } from './form-sections';
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
  // lead are the fields that come first; the sections of the others follow and can be folded.
  lead?: ReadonlySet<string>;
  children?: ReactNode; // the buttons
}

// FormRenderer shows a record to be filled, section by section.
export function FormRenderer({ form, host, onSubmit, only, lead, children }: FormRendererProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const touch = usePhone();
  const id = useId();
  const box = useRef<HTMLFormElement>(null);
  const { derived, fields, problems, attempted, stumbles, holds } = form;
  const reading = !Object.values(derived.states).some((state) => state.writable);
  const sections = useMemo(() => sectionsOf(form.form, fields, derived, { only, holds }), [form.form, fields, derived, only, holds]);
  const first = lead ? sections.filter((section) => section.fields.some(({ key }) => lead.has(key))) : sections;
  const rest = sections.filter((section) => !first.includes(section));
  const idOf = (key: string) => `${id}-${key}`;

  // Only fields with something wrong get a list of their own, so that typing in one field does not render the others.
  const messages = useMemo(() => new Map(problems.map(({ pointer }) => [keyOf(pointer), messagesFor(problems, keyOf(pointer))])), [problems]);

  const jump = (key: string) => {
    const row = box.current?.querySelector<HTMLElement>(`[data-field="${CSS.escape(key)}"]`);
    const fold = row?.closest('details');
    if (fold) fold.open = true;
    row?.scrollIntoView({ block: 'center' });
    const control = row?.querySelector<HTMLElement>('[aria-invalid="true"]') ?? row?.querySelector<HTMLElement>('input:not([hidden]), select, textarea, button');
    control?.focus({ preventScroll: true });
  };

  const shared = { form, idOf, messages, touch, reading };

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
        {first.map((section) => (
          <OpenSection key={section.key} {...shared} section={section} id={`${id}-section-${section.key}`} under={lead !== undefined} alone={first.length === 1} />
        ))}
        {rest.length > 0 && (
          <div className="sw-folds">
            {rest.map((section) => (
              <FoldedSection key={section.key} {...shared} section={section} />
            ))}
          </div>
        )}
        {form.unsafe && <p className="sw-message">{t('form.cannotKeep')}</p>}
        {children}
      </form>
    </FieldHostContext>
  );
}
