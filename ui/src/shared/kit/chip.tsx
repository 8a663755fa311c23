import type { ReactNode } from 'react';
import type { OptionColor } from '../definition/form';

export type Tone = 'plain' | 'teal' | 'good' | 'warn' | 'bad' | 'info';

export function Chip({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }): ReactNode {
  return (
    <span className="sw-chip" data-tone={tone}>
      <span className="sw-ellipsis">{children}</span>
    </span>
  );
}

const tones: Record<OptionColor, Tone> = { green: 'good', amber: 'warn', red: 'bad', blue: 'info', grey: 'plain', teal: 'teal' };

// toneOf is the chip tone for the colour a definition gives an option.
export function toneOf(color: OptionColor | undefined): Tone {
  return color === undefined ? 'plain' : tones[color];
}
