import type { ReactNode } from 'react';
import { Icon } from '@/shared/kit/icon';

// QuickFilter is a condition that is on or off.
export function QuickFilter({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }): ReactNode {
  return (
    <button type="button" className="sw-quick" aria-pressed={on} onClick={() => onChange(!on)}>
      {on && <Icon name="check" size={16} />}
      {label}
    </button>
  );
}
