export const kinds = ['app', 'form', 'flow', 'role', 'calendar', 'channel', 'limit', 'automation', 'assignment'] as const;
export type Kind = (typeof kinds)[number];

export function isKind(word: string | undefined): word is Kind {
  return (kinds as readonly string[]).includes(word ?? '');
}
