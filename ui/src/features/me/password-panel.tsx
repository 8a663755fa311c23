import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { Button } from '@/shared/kit/button';
import { toast } from '@/shared/kit/toast';

export function PasswordPanel(): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () => api.POST('/me/password', { body: { current, new: next } }),
    onSuccess: () => {
      setOpen(false);
      setCurrent('');
      setNext('');
      toast.good(t('me.passwordChanged'));
      void queries.invalidateQueries({ queryKey: ['sessions'] });
    },
  });
  const problem = change.error && asProblem(change.error);
  return (
    <section className="sw-panel" aria-labelledby={id}>
      <div className="sw-panel-head">
        <h2 id={id}>{t('me.password')}</h2>
        {!open && (
          <Button size="small" onClick={() => setOpen(true)}>
            {t('me.changePassword')}
          </Button>
        )}
      </div>
      {open && (
        <form
          className="sw-panel-body sw-me-password"
          onSubmit={(event) => {
            event.preventDefault();
            if (!change.isPending) change.mutate();
          }}
        >
          {problem && (
            <p className="sw-message" role="alert">
              {problem.errors[0]?.message ?? problem.title} {problem.detail}
            </p>
          )}
          <div className="sw-field">
            <label className="sw-field-label" htmlFor={id + 'current'}>
              {t('me.currentPassword')}
            </label>
            <input id={id + 'current'} className="sw-input" type="password" required autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} />
          </div>
          <div className="sw-field">
            <label className="sw-field-label" htmlFor={id + 'new'}>
              {t('me.newPassword')}
            </label>
            <input id={id + 'new'} className="sw-input" type="password" required minLength={10} autoComplete="new-password" value={next} onChange={(event) => setNext(event.target.value)} />
          </div>
          <div className="sw-state-actions">
            <Button type="submit" kind="primary" busy={change.isPending}>
              {t('me.changePassword')}
            </Button>
            <Button onClick={() => setOpen(false)}>{t('action.cancel')}</Button>
          </div>
        </form>
      )}
    </section>
  );
}
