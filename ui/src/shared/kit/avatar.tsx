import type { CSSProperties, ReactNode } from 'react';

// Avatar is a person's initials on a colour of their own; the name must stand beside it or be given to others in words.
export function Avatar({ name, size = 24 }: { name: string; size?: number }): ReactNode {
  const style = { width: size, height: size, fontSize: Math.round(size * 0.42), '--avatar': `oklch(62% 0.13 ${String(hue(name))})` };
  return (
    <span className="sw-avatar" style={style as CSSProperties} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

// PersonName is an avatar with the name.
export function PersonName({ name, size = 22 }: { name: string; size?: number }): ReactNode {
  return (
    <span className="sw-person">
      <Avatar name={name} size={size} />
      <span className="sw-ellipsis">{name}</span>
    </span>
  );
}

// initials: a Chinese given name says more than the family name; elsewhere the first letters of two words.
export function initials(name: string): string {
  const trimmed = name.trim();
  if (/\p{Script=Han}/u.test(trimmed)) return trimmed.slice(-1);
  const words = trimmed.split(/\s+/);
  return ((words[0]?.[0] ?? '') + (words.length > 1 ? (words.at(-1)?.[0] ?? '') : '')).toUpperCase();
}

function hue(name: string): number {
  let sum = 0;
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 3600;
  return sum % 360;
}
