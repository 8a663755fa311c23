import { useEffect, useId, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { FieldHostContext } from '@/fields/host';
import { FieldRow, messagesFor } from '@/features/form/field-row';
import '@/features/form/form.css';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import { toast } from '@/shared/kit/toast';
import { QuickRefusal } from './quick-states';
import { useQuickAnswer, type QuickAsk } from './use-quick-answer';
import { useQuickHost } from './use-quick-host';

interface QuickFormProps {
  token: string;
  page: QuickAsk;
  onSent: () => void;
}

const asked = { shown: true, writable: true, locked: false, required: true };
const noNames = {};

// QuickForm asks for the fields of a quick link. Its editors are those of a phone, on every screen: they need no library.
export function QuickForm({ token, page, onSent }: QuickFormProps): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const box = useRef<HTMLFormElement>(null);
  const answer = useQuickAnswer(token, page, onSent);
  const { host, uploads } = useQuickHost(token, answer.fields, page.fileNames ?? noNames);
  const { fields, values, problems, refused, ended, busy } = answer;
  const elsewhere = problems.filter(({ pointer }) => !fields.some(({ key }) => pointer === '/' + key || pointer.startsWith(`/${key}/`)));

  useEffect(() => {
    // The first field that needs another look, wherever the thumb is.
    box.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid] button')?.focus();
  }, [problems.length]);

  if (ended) return <QuickRefusal problem={ended} onRetry={() => undefined} />;
  const submit = () => {
    if (uploads > 0) toast.info(t('record.wait'));
    else answer.send();
  };
  return (
    <FieldHostContext value={host}>
      <QuickWords page={page} />
      <form
        ref={box}
        className="sw-form sw-quick-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {(refused !== undefined || elsewhere.length > 0) && (
          <div className="sw-summary" role="alert">
            <Icon name="alert" />
            <div>
              <strong>{refused?.title ?? t('quick.elsewhere')}</strong>
              {refused?.detail !== undefined && refused.detail !== '' && <p>{refused.detail}</p>}
              {elsewhere.length > 0 && (
                <ul>
                  {elsewhere.map(({ pointer, code, message }) => (
                    <li key={pointer + code}>{message}</li>
                  ))}
                </ul>
              )}
              {elsewhere.length > 0 && page.recordPath !== undefined && page.recordPath !== '' && <Link to={page.recordPath}>{t('quick.openRecord')}</Link>}
            </div>
          </div>
        )}
        {fields.map((field) => (
          <FieldRow
            key={field.key}
            field={field}
            value={values[field.key]}
            state={asked}
            messages={messagesFor(problems, field.key)}
            id={`${id}-${field.key}`}
            touch
            reading={false}
            onChange={answer.set}
            onLeave={() => undefined}
          />
        ))}
        {page.completes && (
          <div className="sw-field">
            <label htmlFor={id + '-comment'} className="sw-field-label">
              {t('record.ask.comment')}
            </label>
            <textarea id={id + '-comment'} className="sw-input" rows={2} value={answer.comment} onChange={(event) => answer.say(event.target.value)} />
          </div>
        )}
        <div className="sw-quick-bar">
          <Button type="submit" kind="primary" wide busy={busy}>
            {t(page.completes ? 'quick.complete' : 'quick.send')}
          </Button>
        </div>
      </form>
    </FieldHostContext>
  );
}

// QuickWords say who is asked for what, by whom and until when.
function QuickWords({ page }: { page: QuickAsk }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const step = text(page.step);
  return (
    <div className="sw-quick-words">
      <p className="sw-quick-ask">{page.askedBy ? t('quick.askedBy', { name: page.askedBy, person: page.person }) : t('quick.asked', { person: page.person })}</p>
      <h1>{page.title}</h1>
      <p className="sw-quick-facts">
        {[text(page.formTitle), step].filter((part) => part !== '' && part !== page.title).join(' · ')}
        {page.dueAt && (
          <span className="sw-quick-due" data-urgency={words.due(page.dueAt).urgency}>
            <Icon name="clock" size={14} /> {words.due(page.dueAt).words}
          </span>
        )}
      </p>
      {page.note && <blockquote>{page.note}</blockquote>}
    </div>
  );
}
