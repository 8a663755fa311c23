import createClient from 'openapi-fetch';
import { usePrefs } from '../prefs';
import { AttemptKeys } from './attempt-keys';
import { ProblemError, problemOf, unreachable } from './problem';
import type { components, paths } from './schema.gen';
import { entered, signedInAgain } from './signed-out';

export const apiRoot = '/api/v1';

export type Schemas = components['schemas'];

const attempts = new AttemptKeys();

// writeHeaders are what every request carries: the reader's language, and a header no other site can send.
export function writeHeaders(): Record<string, string> {
  return { 'Accept-Language': usePrefs.getState().language, 'X-Stepwell': 'ui' };
}

async function send(request: Request): Promise<Response> {
  const sentAt = entered();
  const again = request.clone();
  try {
    return await sendOnce(request);
  } catch (error) {
    if (error instanceof ProblemError && (await signedInAgain(error, sentAt))) return sendOnce(again);
    throw error;
  }
}

async function sendOnce(request: Request): Promise<Response> {
  for (const [name, value] of Object.entries(writeHeaders())) request.headers.set(name, value);
  const settle = await attempts.sign(request);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw unreachable();
  }
  settle();
  if (!response.ok) throw await problemOf(response);
  return response;
}

// api is the typed client. Every refusal is thrown as a ProblemError, so `data` is there when a call returns: read it
// through `body` or `tagged`.
export const api = createClient<paths>({ baseUrl: apiRoot, fetch: send, credentials: 'same-origin' });

// body gives the answer's document.
export async function body<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}

// Tagged is a document with the revision to send back as If-Match.
export interface Tagged<T> {
  data: T;
  etag: string;
}

export async function tagged<T>(call: Promise<{ data?: T; response: Response }>): Promise<Tagged<T>> {
  const { data, response } = await call;
  return { data: data as T, etag: response.headers.get('ETag') ?? '' };
}

// ifMatch makes the header of a change that is based on a revision.
export function ifMatch(etag: string): { 'If-Match': string } {
  return { 'If-Match': etag };
}
