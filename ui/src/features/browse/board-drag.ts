import { pointerWithin, rectIntersection, type CollisionDetection, type KeyboardCoordinateGetter } from '@dnd-kit/core';
import { useEffect, useRef } from 'react';

const tab = 'tab:';

// On a phone the stages' tabs take cards as well as the columns do.
export const tabId = (block: string): string => tab + block;
export const stageOf = (id: unknown): string => String(id).replace(/^tab:/, '');

// byColumn makes a column one step for the arrow keys, whatever its width.
export const byColumn: KeyboardCoordinateGetter = (event, { currentCoordinates, context }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.code];
  if (step === undefined) return undefined;
  event.preventDefault();
  const columns = [...context.droppableRects.entries()].filter(([id]) => !String(id).startsWith(tab)).sort(([, a], [, b]) => a.left - b.left);
  const own = context.over?.id ?? context.active?.data.current?.column;
  const at = columns.findIndex(([id]) => id === own);
  const to = columns[Math.max(0, Math.min(columns.length - 1, at + step))]?.[1];
  return to ? { x: to.left + 12, y: Math.max(to.top + 12, Math.min(currentCoordinates.y, to.bottom - 80)) } : undefined;
};

// underPointer: what a finger or the mouse points at counts, not what most of the card covers. Arrow keys have no pointer.
export const underPointer: CollisionDetection = (args) => (args.pointerCoordinates ? pointerWithin(args) : rectIntersection(args));

const edge = 32; // pixels
const turnsAfter = 550; // milliseconds

export interface PageTurn {
  // at tells where the finger is, in pixels from the left of a strip this wide.
  at: (x: number, width: number) => void;
  stop: () => void;
}

// usePageTurn turns to the stage before or after while a card is held at the screen's edge.
export function usePageTurn(turn: (step: 1 | -1) => void): PageTurn {
  const latest = useRef(turn);
  const timer = useRef<ReturnType<typeof setInterval>>(undefined);
  const side = useRef(0);
  useEffect(() => {
    latest.current = turn;
  });
  const to = (step: 1 | -1 | 0) => {
    if (side.current === step) return;
    side.current = step;
    clearInterval(timer.current);
    if (step !== 0) timer.current = setInterval(() => latest.current(step), turnsAfter);
  };
  useEffect(() => () => clearInterval(timer.current), []);
  return { at: (x, width) => to(x < edge ? -1 : x > width - edge ? 1 : 0), stop: () => to(0) };
}
