import { useEffect, useRef, type RefObject } from 'react';

const focusable =
  'a[href], button:not([disabled]), input:not([disabled]):not([type="hidden"]), select:not([disabled]), textarea:not([disabled]), [tabindex]:not([tabindex="-1"])';

// Layers open one above the other; only the uppermost answers Escape and keeps the focus.
const layers: { trap: boolean }[] = [];

export interface TrapOptions {
  // trap keeps Tab inside and the page behind inert; without it only Escape and the return of focus are looked after.
  trap: boolean;
  onEscape: () => void;
}

// useFocusTrap moves the focus into a layer when it opens and back to where it was when it closes.
export function useFocusTrap<T extends HTMLElement>({ trap, onEscape }: TrapOptions): RefObject<T | null> {
  const box = useRef<T>(null);
  const escape = useRef(onEscape);
  useEffect(() => {
    escape.current = onEscape;
  });

  useEffect(() => {
    const layer = { trap };
    const before = document.activeElement;
    layers.push(layer);
    const root = document.getElementById('root');
    if (trap) root?.setAttribute('inert', '');
    const start = box.current?.querySelector<HTMLElement>('[data-autofocus]') ?? box.current;
    start?.focus({ preventScroll: true });

    const onKey = (event: KeyboardEvent) => {
      if (layers.at(-1) !== layer || event.defaultPrevented) return;
      if (event.key === 'Escape') {
        event.stopPropagation();
        escape.current();
      } else if (event.key === 'Tab' && trap && box.current) {
        keepInside(event, box.current);
      }
    };
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('keydown', onKey);
      layers.splice(layers.indexOf(layer), 1);
      if (!layers.some((other) => other.trap)) root?.removeAttribute('inert');
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a layer traps or not for as long as it is open
  }, []);
  return box;
}

function keepInside(event: KeyboardEvent, box: HTMLElement): void {
  const inside = [...box.querySelectorAll<HTMLElement>(focusable)].filter((element) => element.getClientRects().length > 0);
  const first = inside[0];
  const last = inside.at(-1);
  if (!first || !last) {
    event.preventDefault();
    return;
  }
  const active = document.activeElement;
  if (event.shiftKey && (active === first || active === box)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && active === last) {
    event.preventDefault();
    first.focus();
  }
}
