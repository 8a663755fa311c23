// parseDefinition reads what was typed; a string says why it cannot be read, in the browser's words.
export function parseDefinition(text: string): { document: Record<string, unknown> } | { fault: string } {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === 'object' && document !== null && !Array.isArray(document)) return { document: document as Record<string, unknown> };
    return { fault: '' };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

export function printDefinition(document: unknown): string {
  return JSON.stringify(document, undefined, 2);
}
