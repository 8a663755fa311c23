// tokens reads a JSON pointer, also as a URI fragment.
export function tokens(pointer: string): string[] {
  const plain = pointer.replace(/^#/, '');
  if (plain === '') return [];
  return plain.replace(/^\//, '').split('/').map((token) => decode(token).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function decode(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}

// pointerOf joins tokens into a JSON pointer.
export function pointerOf(...place: string[]): string {
  return place.map((token) => '/' + token.replaceAll('~', '~0').replaceAll('/', '~1')).join('');
}
