import type { FileRef } from '../definition/form';
import { apiRoot, writeHeaders } from './client';
import { ProblemError, problemFrom, unreachable } from './problem';
import { entered, signedInAgain } from './signed-out';

export interface UploadPlace {
  app: string;
  form: string;
  field: string; // "table.column" inside a sub-table
  record?: string;
  data: unknown; // the other fields as filled so far, for rules that look at them
}

// upload sends one file; progress is 0 to 1.
export async function upload(place: UploadPlace, file: File, progress: (done: number) => void, signal: AbortSignal): Promise<FileRef> {
  const { app, form, field, record, data } = place;
  const sentAt = entered();
  const put = () => send('/files', { app, form, field, ...(record !== undefined && { record }), data: JSON.stringify(data) }, file, progress, signal);
  try {
    return await put();
  } catch (error) {
    if (error instanceof ProblemError && (await signedInAgain(error, sentAt))) return put();
    throw error;
  }
}

// uploadByLink sends one file for a field that a quick link asks for.
export function uploadByLink(token: string, field: string, file: File, progress: (done: number) => void, signal: AbortSignal): Promise<FileRef> {
  return send(`/quick/${encodeURIComponent(token)}/files`, { field }, file, progress, signal);
}

// fetch cannot report progress, so this is XMLHttpRequest.
function send(address: string, texts: Record<string, string>, file: File, progress: (done: number) => void, signal: AbortSignal): Promise<FileRef> {
  const form = new FormData();
  for (const [name, text] of Object.entries(texts)) form.append(name, text);
  form.append('file', file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', apiRoot + address);
    for (const [name, value] of Object.entries(writeHeaders())) request.setRequestHeader(name, value);
    request.setRequestHeader('Idempotency-Key', crypto.randomUUID());
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as FileRef);
      else reject(problemFrom(request.status, request.responseText));
    };
    signal.addEventListener('abort', () => request.abort(), { once: true });
    if (signal.aborted) reject(new DOMException('aborted', 'AbortError'));
    else request.send(form);
  });
}

// fileHref is where a stored file is read; the server decides who may.
export function fileHref(id: string, download = false): string {
  return `${apiRoot}/files/${encodeURIComponent(id)}${download ? '?download=true' : ''}`;
}
