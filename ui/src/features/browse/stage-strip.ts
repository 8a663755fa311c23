import { useQuery } from '@tanstack/react-query';
import { useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { api, body } from '@/shared/client/client';
import { remember, remembered } from '@/shared/device-memory';
import type { Board } from './board-move';

const mostTasks = 100;

export interface Opening {
  last: string | null; // the stage that was looked at the last time
  asked: ReadonlySet<string>; // stages in which something waits for the reader
  me: string;
}

// openingStage is the column that a phone shows first: where one was, else where something waits for its reader, else where
// their own cards lie, then what is late, then anything.
export function openingStage({ columns }: Board, { last, asked, me }: Opening): number {
  const tries = [
    columns.findIndex(({ block, count }) => block === last && count > 0),
    columns.findIndex(({ block, count }) => asked.has(block) && count > 0),
    columns.findIndex(({ items }) => items.some(({ owner }) => owner === me)),
    columns.findIndex(({ overdue }) => overdue > 0),
    columns.findIndex(({ count }) => count > 0),
  ];
  return tries.find((at) => at >= 0) ?? 0;
}

interface StripOptions {
  app: string;
  form: string;
  board: Board | undefined;
  me: string;
  phone: boolean;
}

export interface StageStrip {
  strip: RefObject<HTMLDivElement | null>;
  at: number;
  ready: boolean; // where to begin is known
  show: (index: number) => void;
  onScroll: () => void;
}

// useStageStrip is the phone's strip of stages, of which one fills the screen. It begins where its reader has something to do
// and remembers, on this device, where they were.
export function useStageStrip({ app, form, board, me, phone }: StripOptions): StageStrip {
  const memory = `stepwell.stage:${[me, app, form].map(encodeURIComponent).join('/')}`;
  const strip = useRef<HTMLDivElement>(null);
  const [last] = useState(() => remembered(memory));
  const [chosen, choose] = useState<number>();
  const placed = useRef(false);
  const tasks = useQuery({
    queryKey: ['tasks', 'stages'],
    queryFn: () => body(api.GET('/tasks', { params: { query: { state: 'open', limit: mostTasks } } })),
    enabled: phone,
  });
  const back = board?.columns.some(({ block, count }) => block === last && count > 0) ?? false;
  const ready = !phone || (board !== undefined && (back || !tasks.isPending));
  let at = chosen;
  if (phone && ready && board && at === undefined) {
    const asked = (tasks.data?.items ?? []).flatMap((task) => (task.app === app && task.form === form && task.stage !== undefined ? [task.stage] : []));
    at = openingStage(board, { last, asked: new Set(asked), me });
    // Live changes move cards, not the reader: where they began stays.
    choose(at);
  }
  const shown = at ?? 0;
  useLayoutEffect(() => {
    if (!phone) placed.current = false;
    if (!phone || !ready || placed.current || !strip.current) return;
    placed.current = true;
    strip.current.scrollLeft = shown * strip.current.clientWidth;
  }, [phone, ready, shown]);
  return {
    strip,
    at: shown,
    ready,
    show: (index) => strip.current?.scrollTo({ left: index * strip.current.clientWidth, behavior: 'smooth' }),
    onScroll: () => {
      const { scrollLeft = 0, clientWidth = 0 } = strip.current ?? {};
      if (!phone || !placed.current || clientWidth === 0) return;
      const now = Math.round(scrollLeft / clientWidth);
      if (now === shown) return;
      choose(now);
      const block = board?.columns[now]?.block;
      if (block !== undefined) remember(memory, block);
    },
  };
}
