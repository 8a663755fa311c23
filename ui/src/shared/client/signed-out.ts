import { create } from 'zustand';
import type { ProblemError } from './problem';

// A session may end while somebody fills a form. Whatever is then refused waits until they have signed in again, and goes on;
// the page, and what is typed on it, stays.

interface SignedOut {
  asking: boolean;
}

export const useSignedOut = create<SignedOut>(() => ({ asking: false }));

const endings: readonly string[] = ['access.signIn', 'account.ended'];
let present = false;
let entries = 0;
let waiting: { answer: Promise<boolean>; settle: (signedIn: boolean) => void } | undefined;

// bePresent says that somebody is signed in on this page; before, and on the page to sign in, nobody is asked.
export function bePresent(here: boolean): void {
  present = here;
  if (!here) answerSignIn(false);
}

// entered counts how often somebody signed in again: what was sent before that need not ask once more.
export function entered(): number {
  return entries;
}

// signedInAgain waits until somebody signed in again because of a refusal. It is false at once when that would not help.
export async function signedInAgain({ status, code }: ProblemError, sentAt: number): Promise<boolean> {
  if (!present || status !== 401 || !endings.includes(code)) return false;
  if (sentAt !== entries) return true;
  if (!waiting) {
    let settle: (signedIn: boolean) => void = () => undefined;
    const answer = new Promise<boolean>((resolve) => (settle = resolve));
    waiting = { answer, settle };
    useSignedOut.setState({ asking: true });
  }
  return waiting.answer;
}

export function answerSignIn(signedIn: boolean): void {
  if (signedIn) entries += 1;
  const { settle } = waiting ?? {};
  waiting = undefined;
  useSignedOut.setState({ asking: false });
  settle?.(signedIn);
}
