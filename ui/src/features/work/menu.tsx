import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { IconButton } from '@/shared/kit/button';
import { Icon, type IconName } from '@/shared/kit/icon';

export interface MenuItem {
  key: string;
  title: string;
  icon: IconName;
  danger?: boolean;
  run: () => void;
}

// Menu holds the actions that are seldom needed; up opens it upwards. Arrow keys, Home and End move in it; Escape closes it.
export function Menu({ label, items, up = false }: { label: string; items: readonly MenuItem[]; up?: boolean }): ReactNode {
  const id = useId();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    box.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    const away = (event: PointerEvent) => {
      const at = event.target as Node;
      if (!box.current?.contains(at) && !button.current?.contains(at)) setOpen(false);
    };
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [open]);
  if (items.length === 0) return null;

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const all = [...(box.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      all[(to + all.length) % all.length]?.focus();
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      if (event.key === 'Escape') event.preventDefault();
      close();
    }
  };
  return (
    <div className="sw-menu">
      <IconButton ref={button} icon="more" label={label} aria-haspopup="menu" aria-expanded={open} aria-controls={open ? id : undefined} onClick={() => setOpen(!open)} />
      {open && (
        <div ref={box} id={id} className="sw-menu-box" data-up={up ? '' : undefined} role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
          {items.map(({ key, title, icon, danger, run }) => (
            <button
              key={key}
              type="button"
              role="menuitem"
              tabIndex={-1}
              data-danger={danger ? '' : undefined}
              onClick={() => {
                close();
                run();
              }}
            >
              <Icon name={icon} />
              {title}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
