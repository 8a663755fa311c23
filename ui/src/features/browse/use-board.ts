import { keepPreviousData, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, ifMatch } from '@/shared/client/client';
import { asProblem, type ProblemError } from '@/shared/client/problem';
import { useText } from '@/shared/i18n/use-text';
import { useConfirm } from '@/shared/kit/confirm';
import { toast } from '@/shared/kit/toast';
import { findCard, isBackwards, moveCard, refusalOf, type Board } from './board-move';
import type { RecordSummary } from './use-records';

const cards = 50;

export interface Refused {
  record: RecordSummary;
  to: string;
  problem: ProblemError;
}

export interface BoardHold {
  query: UseQueryResult<Board>;
  // move sends a card to another stage. It lies there at once, and goes back if the server refuses.
  move: (id: string, to: string) => Promise<void>;
  refused: Refused | undefined;
  forget: () => void;
}

export function useBoard(app: string, form: string, filter: string | undefined, q: string, amountField: string | undefined): BoardHold {
  const { t } = useTranslation();
  const text = useText();
  const ask = useConfirm();
  const queries = useQueryClient();
  const [refused, setRefused] = useState<Refused>();
  const queryKey = ['board', app, form, filter, q];
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => body(api.GET('/apps/{app}/forms/{form}/board', { params: { path: { app, form }, query: { limit: cards, ...(filter !== undefined && { filter }), ...(q && { q }) } }, signal })),
    placeholderData: keepPreviousData,
  });

  const askWhy = async (record: RecordSummary, title: string) => {
    const answer = await ask({
      title: t('board.backTitle', { stage: title }),
      text: record.title,
      action: t('board.moveBack'),
      reason: { label: t('board.reason'), required: true },
    });
    return answer?.reason;
  };

  const move = async (id: string, to: string, given?: string): Promise<void> => {
    const before = queries.getQueryData<Board>(queryKey);
    const from = before && findCard(before, id);
    const target = before?.columns.find((column) => column.block === to);
    if (!before || !from || !target || from.column.block === to) return;
    const { record } = from;
    const title = text(target.title);
    const reason = given ?? (isBackwards(before, from.column.block, to) ? await askWhy(record, title) : '');
    if (reason === undefined) return;

    await queries.cancelQueries({ queryKey });
    queries.setQueryData<Board>(queryKey, (board) => board && moveCard(board, id, to, amountField));
    try {
      const params = { path: { app, form, id }, header: ifMatch(`"${String(record.rev)}"`) };
      await body(api.POST('/apps/{app}/forms/{form}/records/{id}/commands', { params, body: { command: 'move', to, ...(reason && { reason }) } }));
      toast.good(t('board.moved', { record: record.title, stage: title }));
    } catch (error) {
      queries.setQueryData<Board>(queryKey, before);
      const problem = asProblem(error);
      switch (refusalOf(problem, reason !== '')) {
        case 'reason': {
          const why = await askWhy(record, title);
          if (why !== undefined) await move(id, to, why);
          break;
        }
        case 'explain':
          setRefused({ record, to, problem });
          break;
        case 'passing':
          toast.problem(problem);
      }
    } finally {
      await queries.invalidateQueries({ queryKey: ['board', app, form] });
    }
  };
  return { query, move: (id, to) => move(id, to), refused, forget: () => setRefused(undefined) };
}
