import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body } from '@/shared/client/client';
import { asProblem, type FieldProblem } from '@/shared/client/problem';
import { now } from '@/shared/clock';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Sheet } from '@/shared/kit/sheet';
import { toast } from '@/shared/kit/toast';
import { PeoplePicker, type Chosen } from '@/shared/people/people-picker';
import { useMe } from '@/shared/session';
import { dayAfter, dayOf, period } from './period';

// DelegationSheet lets somebody stand in for me: who, from when to when, for what.
export function DelegationSheet({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const me = useMe();
  const id = useId();
  const queries = useQueryClient();
  const today = dayOf(now());
  const [to, setTo] = useState<readonly Chosen[]>([]);
  const [from, setFrom] = useState(today);
  const [until, setUntil] = useState(dayAfter(today, 6));
  const [scope, setScope] = useState('');
  const [reason, setReason] = useState('');
  const [problems, setProblems] = useState<readonly FieldProblem[]>([]);
  const apps = useQuery({ queryKey: ['apps'], queryFn: () => body(api.GET('/apps')) });
  const make = useMutation({
    mutationFn: () => {
      const [app, form] = scope.split('/');
      return body(
        api.POST('/me/delegations', {
          body: { to: to[0]?.id ?? '', ...period(from, until, now()), scope: { ...(app && { app }), ...(form && { form }) }, ...(reason.trim() && { reason: reason.trim() }) },
        }),
      );
    },
    onSuccess: async () => {
      toast.good(t('delegate.made'));
      onClose();
      await Promise.all(['delegations', 'tasks', 'today'].map((first) => queries.invalidateQueries({ queryKey: [first] })));
    },
    onError: (error) => {
      const problem = asProblem(error);
      if (problem.errors.length > 0) setProblems(problem.errors);
      else toast.problem(problem);
    },
  });
  const wrong = (...pointers: string[]) => problems.find(({ pointer }) => pointers.includes(pointer))?.message;
  const send = () => {
    if (to.length === 0) setProblems([{ pointer: '/to', code: '', message: t('pick.missing') }]);
    else if (!make.isPending) make.mutate();
  };
  const dates = wrong('/startsAt', '/endsAt');
  const where = wrong('/scope', '/scope/app');
  return (
    <Sheet
      title={t('delegate.add')}
      onClose={onClose}
      width={460}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" busy={make.isPending} onClick={send}>
            {t('delegate.make')}
          </Button>
        </>
      }
    >
      <div className="sw-me-sheet">
        <p className="sw-help">{t('delegate.help')}</p>
        <PeoplePicker title={t('delegate.to')} chosen={to} onChange={setTo} most={1} without={[me.id]} invalid={wrong('/to')} />
        <div className="sw-me-dates">
          <div className="sw-field">
            <label className="sw-field-label" htmlFor={id + 'from'}>
              {t('delegate.from')}
            </label>
            <input id={id + 'from'} className="sw-input" type="date" min={today} value={from} onChange={(event) => setFrom(event.target.value)} />
          </div>
          <div className="sw-field">
            <label className="sw-field-label" htmlFor={id + 'until'}>
              {t('delegate.until')}
            </label>
            <input id={id + 'until'} className="sw-input" type="date" min={from} value={until} aria-invalid={dates ? true : undefined} aria-describedby={dates ? id + 'dates' : undefined} onChange={(event) => setUntil(event.target.value)} />
          </div>
        </div>
        {dates && (
          <p id={id + 'dates'} className="sw-message" role="alert">
            {dates}
          </p>
        )}
        <div className="sw-field">
          <label className="sw-field-label" htmlFor={id + 'scope'}>
            {t('delegate.scope')}
          </label>
          <select id={id + 'scope'} className="sw-input" value={scope} aria-describedby={where ? id + 'where' : undefined} onChange={(event) => setScope(event.target.value)}>
            <option value="">{t('delegate.everything')}</option>
            {(apps.data?.items ?? []).map((app) => (
              <optgroup key={app.key} label={text(app.title)}>
                <option value={app.key}>{t('delegate.wholeApp', { app: text(app.title) })}</option>
                {app.forms
                  .filter((form) => form.hasFlow)
                  .map((form) => (
                    <option key={form.key} value={`${app.key}/${form.key}`}>
                      {text(form.title)}
                    </option>
                  ))}
              </optgroup>
            ))}
          </select>
          {where && (
            <p id={id + 'where'} className="sw-message">
              {where}
            </p>
          )}
        </div>
        <div className="sw-field">
          <label className="sw-field-label" htmlFor={id + 'reason'}>
            {t('delegate.reason')}
          </label>
          <input id={id + 'reason'} className="sw-input" maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
        </div>
      </div>
    </Sheet>
  );
}
