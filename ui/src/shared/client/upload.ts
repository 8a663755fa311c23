import type { FileRef } from '../definition/form';
import { apiRoot, writeHeaders } from './client';
import { problemFrom, unreachable } from './problem';

export interface UploadPlace {
  app: string;
  form: string;
  field: string; // "table.column" inside a sub-table
  record?: string;
  data: unknown; // the other fields as filled so far, for rules that look at them
}

// upload sends one file; fetch cannot report progress, so this is XMLHttpRequest. progress is 0 to 1.
export function upload(place: UploadPlace, file: File, progress: (done: number) => void, signal: AbortSignal): Promise<FileRef> {
  const form = new FormData();
  form.append('app', place.app);
  form.append('form', place.form);
  form.append('field', place.field);
  if (place.record !== undefined) form.append('record', place.record);
  form.append('data', JSON.stringify(place.data));
  form.append('file', file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', apiRoot + '/files');
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
