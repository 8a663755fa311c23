import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { Button, IconButton } from '@/shared/kit/button';
import { ErrorState, SkeletonRows } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';

// OpinionsPanel keeps what I often say when I decide.
export function OpinionsPanel(): ReactNode {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [fresh, setFresh] = useState('');
  const opinions = useQuery({ queryKey: ['opinions', ''], queryFn: () => body(api.GET('/me/opinions')) });
  const keep = useMutation({
    mutationFn: (items: string[]) => body(api.PUT('/me/opinions', { body: { items } })),
    onSuccess: (lists) => {
      setFresh('');
      queries.setQueryData(['opinions', ''], lists);
      return queries.invalidateQueries({ queryKey: ['opinions'] });
    },
    onError: (error) => {
      const problem = asProblem(error);
      toast.problem(problem.errors[0] ? { title: problem.errors[0].message } : problem);
    },
  });
  const mine = opinions.data?.mine ?? [];
  return (
    <section className="sw-panel" aria-labelledby="me-opinions">
      <div className="sw-panel-head">
        <h2 id="me-opinions">{t('opinions.title')}</h2>
      </div>
      {opinions.isError ? (
        <ErrorState error={opinions.error} onRetry={() => void opinions.refetch()} />
      ) : !opinions.data ? (
        <SkeletonRows rows={2} />
      ) : (
        <>
          {mine.length === 0 && <p className="sw-me-row sw-help">{t('opinions.none')}</p>}
          <ul>
            {mine.map((one) => (
              <li key={one} className="sw-me-row">
                <span className="sw-me-what">{one}</span>
                <IconButton icon="trash" size="small" label={t('pick.remove', { name: one })} onClick={() => keep.mutate(mine.filter((other) => other !== one))} />
              </li>
            ))}
          </ul>
          <form
            className="sw-me-row"
            onSubmit={(event) => {
              event.preventDefault();
              const said = fresh.trim();
              if (said !== '' && !mine.includes(said) && !keep.isPending) keep.mutate([...mine, said]);
            }}
          >
            <label className="sw-visually-hidden" htmlFor="me-opinion">
              {t('opinions.add')}
            </label>
            <input id="me-opinion" className="sw-input sw-me-what" maxLength={500} placeholder={t('opinions.placeholder')} value={fresh} onChange={(event) => setFresh(event.target.value)} />
            <Button type="submit" size="small" icon="plus" busy={keep.isPending} disabled={fresh.trim() === ''}>
              {t('opinions.add')}
            </Button>
          </form>
        </>
      )}
    </section>
  );
}
