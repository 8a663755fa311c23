import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '@/shared/client/problem';
import type { Text } from '@/shared/definition/text';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Sheet } from '@/shared/kit/sheet';
import { PeoplePicker, type Chosen } from '@/shared/people/people-picker';
import { Choices } from './ask-choices';
import { SignaturePad } from './signature-pad';
import { blank, hasInk, type Ink } from './signature';
import { WhereChoice, type Where } from './where-choice';
import './ask-sheet.css';

export type Then = 'again' | 'straightBack';

export interface Answer {
  text: string;
  to?: string;
  then?: Then;
  users: readonly string[];
  where?: Where;
  for?: string;
  picks: Record<string, string[]>;
  ink?: Ink;
  password?: string;
}

export interface Step {
  block: string;
  title: Text;
  then?: readonly Then[];
}

// Asks is what goes with a decision.
export interface Asks {
  text?: { title: string; required: boolean };
  // phrases are what people often say; one that is tapped is written.
  phrases?: readonly string[];
  to?: { title: string; steps: readonly Step[] };
  users?: { title: string; without: readonly string[] };
  where?: readonly Where[];
  // parts: whose decision it is, where the reader may give several.
  parts?: readonly Chosen[];
  signature?: boolean;
  password?: boolean;
}

export interface AskSheetProps {
  title: string;
  note?: string | undefined;
  action: string;
  danger?: boolean;
  asks: Asks;
  // onSend may throw; what is wrong is then shown here and the answer can be mended.
  onSend: (answer: Answer) => Promise<void>;
  onClose: () => void;
}

type Wrong = Partial<Record<'text' | 'to' | 'users' | 'ink' | 'password' | 'all', string>>;

// AskSheet asks for what goes with a decision.
export function AskSheet({ title, note, action, danger = false, asks, onSend, onClose }: AskSheetProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Wrong>({});
  const [said, setSaid] = useState('');
  const [to, setTo] = useState(asks.to?.steps.length === 1 ? asks.to.steps[0]?.block : undefined);
  const [then, setThen] = useState<Then>();
  const [users, setUsers] = useState<readonly Chosen[]>([]);
  const [where, setWhere] = useState(asks.where?.[0]);
  const [part, setPart] = useState(asks.parts?.[0]?.id);
  const [ink, setInk] = useState(blank);
  const [password, setPassword] = useState('');
  // wanted are the steps whose people the server wants picked, with how it says so.
  const [wanted, setWanted] = useState<Record<string, string>>({});
  const [picked, setPicked] = useState<Record<string, readonly Chosen[]>>({});
  const thens = asks.to?.steps.find(({ block }) => block === to)?.then ?? [];

  const missing = (): Wrong => ({
    ...(asks.text?.required && said.trim() === '' && { text: t('ask.missing') }),
    ...(asks.to && to === undefined && { to: t('ask.missing') }),
    ...(asks.users && users.length === 0 && { users: t('pick.missing') }),
    ...(asks.signature && !hasInk(ink) && { ink: t('sign.missing') }),
    ...(asks.password && password === '' && { password: t('ask.missing') }),
  });
  const send = async () => {
    if (busy) return;
    const found = missing();
    setWrong(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await onSend({
        text: said.trim(),
        users: users.map((one) => one.id),
        picks: Object.fromEntries(Object.entries(picked).map(([block, people]) => [block, people.map((one) => one.id)])),
        ...(to !== undefined && { to }),
        ...(thens.length > 1 && { then: then ?? thens[0] ?? 'again' }),
        ...(where && { where }),
        ...(part !== undefined && { for: part }),
        ...(asks.signature && { ink }),
        ...(asks.password && { password }),
      });
    } catch (error) {
      const problem = asProblem(error);
      const picks = problem.errors.filter(({ pointer }) => pointer.startsWith('/picks/'));
      if (picks.length > 0) setWanted((have) => ({ ...have, ...Object.fromEntries(picks.map(({ pointer, message }) => [pointer.slice('/picks/'.length), message])) }));
      const at = (pointer: string) => problem.errors.find((one) => one.pointer === pointer)?.message;
      const users = at('/users');
      const secret = at('/password');
      setWrong(
        users || secret
          ? { ...(users && { users }), ...(secret && { password: secret }) }
          : { all: picks.length > 0 ? t('ask.picks') : [problem.errors[0]?.message ?? problem.title, problem.detail].filter(Boolean).join(' ') },
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <Sheet
      title={title}
      onClose={onClose}
      width={460}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind={danger ? 'danger' : 'primary'} busy={busy} onClick={() => void send()}>
            {action}
          </Button>
        </>
      }
    >
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the keys come from the fields in it */}
      <form
        className="sw-ask"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send();
        }}
      >
        {note && <p className="sw-ask-note">{note}</p>}
        {wrong.all && (
          <p className="sw-message" role="alert">
            {wrong.all}
          </p>
        )}
        {asks.parts && asks.parts.length > 1 && <Choices title={t('ask.for')} options={asks.parts.map(({ id: key, name }) => ({ key, title: name }))} chosen={part} onChoose={setPart} />}
        {asks.to && <Choices title={asks.to.title} options={asks.to.steps.map((step) => ({ key: step.block, title: text(step.title) }))} chosen={to} onChoose={setTo} invalid={wrong.to} />}
        {thens.length > 1 && (
          <Choices
            title={t('ask.then')}
            options={thens.map((key) => ({ key, title: t(`ask.thens.${key}`), help: t(`ask.thens.${key}Help`) }))}
            chosen={then ?? thens[0]}
            onChoose={setThen}
          />
        )}
        {asks.where && <WhereChoice among={asks.where} chosen={where} onChoose={setWhere} />}
        {asks.users && <PeoplePicker title={asks.users.title} chosen={users} onChange={setUsers} without={asks.users.without} invalid={wrong.users} />}
        {Object.entries(wanted).map(([block, message]) => (
          <PeoplePicker key={block} title={message} chosen={picked[block] ?? []} onChange={(people) => setPicked({ ...picked, [block]: people })} />
        ))}
        {asks.text && (
          <div className="sw-field">
            <label className="sw-field-label" htmlFor={id + 'text'}>
              {asks.text.title}
              {asks.text.required && <span className="sw-star" aria-hidden="true"> *</span>}
            </label>
            {asks.phrases && asks.phrases.length > 0 && (
              <ul className="sw-ask-phrases" aria-label={t('opinions.title')}>
                {asks.phrases.map((phrase) => (
                  <li key={phrase}>
                    <button type="button" className="sw-chip" onClick={() => setSaid(said.trim() === '' ? phrase : `${said.trimEnd()} ${phrase}`)}>
                      {phrase}
                    </button>
                  </li>
                ))}
              </ul>
            )}
            <textarea
              id={id + 'text'}
              className="sw-input"
              rows={3}
              maxLength={4000}
              required={asks.text.required}
              value={said}
              aria-invalid={wrong.text ? true : undefined}
              aria-describedby={wrong.text ? id + 'text-wrong' : undefined}
              onChange={(event) => setSaid(event.target.value)}
            />
            {wrong.text && (
              <p id={id + 'text-wrong'} className="sw-message">
                {wrong.text}
              </p>
            )}
          </div>
        )}
        {asks.signature && <SignaturePad ink={ink} onChange={setInk} invalid={wrong.ink} />}
        {asks.password && (
          <div className="sw-field">
            <label className="sw-field-label" htmlFor={id + 'password'}>
              {t('ask.password')}
            </label>
            <input
              id={id + 'password'}
              className="sw-input"
              type="password"
              autoComplete="current-password"
              value={password}
              aria-invalid={wrong.password ? true : undefined}
              aria-describedby={id + 'password-help'}
              onChange={(event) => setPassword(event.target.value)}
            />
            <p id={id + 'password-help'} className={wrong.password ? 'sw-message' : 'sw-help'}>
              {wrong.password ?? t('ask.passwordHelp')}
            </p>
          </div>
        )}
      </form>
    </Sheet>
  );
}
