import { afterEach, expect, test } from 'vitest';
import { ProblemError } from './problem';
import { answerSignIn, bePresent, entered, signedInAgain, useSignedOut } from './signed-out';

const ended = new ProblemError({ title: 'ended', status: 401, code: 'account.ended' });

afterEach(() => bePresent(false));

test('signedInAgain/all_that_was_refused_waits_for_one_sign_in', async () => {
  bePresent(true);
  const all = Promise.all([signedInAgain(ended, entered()), signedInAgain(ended, entered())]);
  expect(useSignedOut.getState().asking).toBe(true);
  answerSignIn(true);
  expect(await all).toEqual([true, true]);
  expect(useSignedOut.getState().asking).toBe(false);
});

test('signedInAgain/what_was_sent_before_the_sign_in_goes_again_without_asking', async () => {
  bePresent(true);
  const before = entered();
  const first = signedInAgain(ended, before);
  answerSignIn(true);
  await first;
  expect(await signedInAgain(ended, before)).toBe(true);
  expect(useSignedOut.getState().asking).toBe(false);
});

test('signedInAgain/a_wrong_password_and_a_page_without_anybody_ask_nothing', async () => {
  expect(await signedInAgain(ended, entered())).toBe(false);
  bePresent(true);
  expect(await signedInAgain(new ProblemError({ title: 'wrong', status: 401, code: 'account.wrong' }), entered())).toBe(false);
  expect(useSignedOut.getState().asking).toBe(false);
});

test('signedInAgain/leaving_answers_no', async () => {
  bePresent(true);
  const waits = signedInAgain(ended, entered());
  bePresent(false);
  expect(await waits).toBe(false);
});
