// Client is somebody signed in to the API, for what the journey needs but does not show.
export class Client {
  private cookie = '';
  private etag = ''; // of the last answer

  constructor(readonly url: string) {}

  async signIn(username: string, password: string): Promise<this> {
    await this.post('/session', { username, password });
    return this;
  }

  get<T>(path: string): Promise<T> {
    return this.send<T>('GET', path);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('POST', path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PUT', path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PATCH', path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PUT', path, body);
  }

  // change reads what is there and writes it back changed.
  async change(path: string, how: (there: object) => object): Promise<void> {
    const there = await this.get<object>(path);
    await this.send('PUT', path, how(there), this.etag);
  }

  // at is the same person at another copy of the server.
  at(url: string): Client {
    const other = new Client(url);
    other.cookie = this.cookie;
    return other;
  }

  // setClock moves a server's manual clock and returns when all that fell due on the way has happened.
  async setClock(now: string): Promise<void> {
    await this.post('/dev/clock', { now: new Date(now).toISOString() });
  }

  async upload(field: string, form: { app: string; form: string; record?: string; data?: object }, file: { name: string; mimeType: string; buffer: Buffer }): Promise<unknown> {
    const body = new FormData();
    const { data, ...where } = form;
    for (const [key, value] of Object.entries({ ...where, field, ...(data && { data: JSON.stringify(data) }) })) body.append(key, value);
    body.append('file', new Blob([new Uint8Array(file.buffer)], { type: file.mimeType }), file.name);
    return this.send('POST', '/files', body);
  }

  private async send<T>(method: string, path: string, body?: unknown, match?: string): Promise<T> {
    const form = body instanceof FormData;
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { 'X-Stepwell': 'e2e', ...(match !== undefined && { 'If-Match': match }), ...(this.cookie && { Cookie: this.cookie }), ...(body !== undefined && !form && { 'Content-Type': 'application/json' }) },
      ...(body !== undefined && { body: form ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
    this.etag = response.headers.get('ETag') ?? '';
    const [cookie] = response.headers.getSetCookie();
    if (cookie) this.cookie = cookie.slice(0, cookie.indexOf(';'));
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
