// AttemptKeys gives every POST an Idempotency-Key. A request that got no answer may have been carried out, so the same
// request sent again carries the same key and the server answers what it answered then.
export class AttemptKeys {
  private readonly unanswered = new Map<string, string>();
  private readonly limit = 50;

  // sign sets the header and gives the function to call when an answer has come, whatever it says.
  async sign(request: Request): Promise<() => void> {
    if (request.method !== 'POST' || request.headers.has('Idempotency-Key')) return () => undefined;
    const json = request.headers.get('Content-Type')?.includes('json') ?? false;
    const content = json ? await request.clone().text() : '';
    const sameness = request.url + '\n' + content;
    const key = this.unanswered.get(sameness) ?? crypto.randomUUID();
    this.unanswered.delete(sameness);
    this.unanswered.set(sameness, key);
    for (const oldest of this.unanswered.keys()) {
      if (this.unanswered.size <= this.limit) break;
      this.unanswered.delete(oldest);
    }
    request.headers.set('Idempotency-Key', key);
    return () => this.unanswered.delete(sameness);
  }
}
