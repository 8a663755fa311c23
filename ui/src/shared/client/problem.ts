import i18next from 'i18next';

// FieldProblem is one thing wrong at one place; the pointer is RFC 6901, "/data/x" for a field of a record.
export interface FieldProblem {
  pointer: string;
  code: string;
  message: string;
}

interface ProblemBody {
  status?: number;
  code?: string;
  title?: string;
  detail?: string;
  errors?: FieldProblem[];
  requestId?: string;
}

// ProblemError is an answer that says no, or no answer at all (status 0).
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldProblem[];
  readonly requestId: string;

  constructor(body: ProblemBody & { title: string }) {
    super(body.title);
    this.name = 'ProblemError';
    this.status = body.status ?? 0;
    this.code = body.code ?? '';
    this.title = body.title;
    this.detail = body.detail ?? '';
    this.errors = body.errors ?? [];
    this.requestId = body.requestId ?? '';
  }
}

// problemOf reads a refused answer. Something between us and the server may answer in HTML; that is worded here.
export async function problemOf(response: Response): Promise<ProblemError> {
  return problemFrom(response.status, await response.text().catch(() => ''));
}

// problemFrom is problemOf for a body that was read already.
export function problemFrom(status: number, text: string): ProblemError {
  try {
    const body = JSON.parse(text) as ProblemBody;
    if (typeof body.title === 'string' && body.title !== '') return new ProblemError({ ...body, title: body.title, status });
  } catch {
    // Not JSON: the status is all that is known.
  }
  const title = status >= 500 ? i18next.t('error.server') : i18next.t('error.refused', { status });
  return new ProblemError({ status, code: 'http.' + String(status), title });
}

// unreachable is the problem of a request that got no answer.
export function unreachable(): ProblemError {
  return new ProblemError({
    status: 0,
    code: 'network.unreachable',
    title: i18next.t('error.offline'),
    detail: i18next.t('error.offlineMend'),
  });
}

// asProblem makes anything thrown showable.
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  return new ProblemError({
    code: 'ui.unexpected',
    title: i18next.t('error.unexpected'),
    detail: error instanceof Error ? error.message : String(error),
  });
}
