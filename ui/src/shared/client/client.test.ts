import { afterEach, expect, test, vi } from 'vitest';
import { usePrefs } from '../prefs';
import { AttemptKeys } from './attempt-keys';
import { api, body, ifMatch, tagged } from './client';
import { backOff } from './live';
import { asProblem, ProblemError } from './problem';

function answer(status: number, document: unknown, headers: Record<string, string> = {}) {
  return new Response(typeof document === 'string' ? document : JSON.stringify(document), {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}

const sent: Request[] = [];

function serverSays(...answers: (Response | Error)[]) {
  sent.length = 0;
  vi.stubGlobal('fetch', (request: Request) => {
    sent.push(request);
    const next = answers.shift();
    return next instanceof Response ? Promise.resolve(next) : Promise.reject(next ?? new Error('nothing to answer'));
  });
}

afterEach(() => {
  vi.unstubAllGlobals();
});

const signIn = () => body(api.POST('/session', { body: { username: 'li', password: 'x' }, baseUrl: 'http://test/api/v1' }));

test('client/requests_carry_language_and_proof_of_origin', async () => {
  usePrefs.setState({ language: 'zh-CN' });
  serverSays(answer(200, { id: 'u1' }));
  expect(await signIn()).toEqual({ id: 'u1' });
  expect(sent[0]?.headers.get('Accept-Language')).toBe('zh-CN');
  expect(sent[0]?.headers.get('X-Stepwell')).toBe('ui');
});

test('client/a_refusal_is_thrown_with_its_places', async () => {
  serverSays(answer(422, { title: 'Some fields need another look.', status: 422, code: 'record.invalid', errors: [{ pointer: '/data/a', code: 'form.required', message: 'Please fill in A.' }] }));
  const error = await signIn().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({ status: 422, code: 'record.invalid', errors: [{ pointer: '/data/a' }] });
});

test('client/an_answer_in_html_is_still_a_problem_in_words', async () => {
  serverSays(answer(502, '<html>Bad Gateway</html>'));
  await expect(signIn()).rejects.toMatchObject({ status: 502, code: 'http.502', title: expect.stringContaining('server') });
});

test('client/no_answer_is_a_problem_too_and_the_next_try_has_the_same_key', async () => {
  serverSays(new TypeError('failed to fetch'), answer(200, {}), answer(200, {}));
  await expect(signIn()).rejects.toMatchObject({ status: 0, code: 'network.unreachable' });
  await signIn();
  await signIn();
  const keys = sent.map((request) => request.headers.get('Idempotency-Key'));
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
});

test('client/the_revision_comes_along_and_goes_back', async () => {
  serverSays(answer(200, { id: 'r' }, { ETag: '"7"' }));
  const record = await tagged(api.GET('/apps/{app}/forms/{form}/records/{id}', { params: { path: { app: 'a', form: 'f', id: 'r' } }, baseUrl: 'http://test/api/v1' }));
  expect(record.etag).toBe('"7"');
  expect(ifMatch(record.etag)).toEqual({ 'If-Match': '"7"' });
});

test('AttemptKeys/another_body_is_another_attempt', async () => {
  const keys = new AttemptKeys();
  const post = (text: string) => new Request('http://test/x', { method: 'POST', body: text, headers: { 'Content-Type': 'application/json' } });
  const [a, b, c] = [post('1'), post('2'), post('1')];
  for (const request of [a, b, c]) await keys.sign(request);
  const key = (request: Request) => request.headers.get('Idempotency-Key');
  expect(key(a)).not.toBe(key(b));
  expect(key(c)).toBe(key(a));
});

test('backOff/grows_to_a_ceiling_and_never_ends_in_step', () => {
  expect(backOff(0, 0)).toBe(500);
  expect(backOff(2, 0.5)).toBe(3000);
  expect(backOff(20, 0.999)).toBeLessThanOrEqual(30_000);
  expect(backOff(20, 0)).toBe(15_000);
});

test('asProblem/anything_thrown_can_be_shown', () => {
  expect(asProblem(new Error('boom'))).toMatchObject({ code: 'ui.unexpected', detail: 'boom' });
  expect(asProblem('odd')).toMatchObject({ detail: 'odd' });
});
