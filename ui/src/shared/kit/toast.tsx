import { useEffect, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { create } from 'zustand';
import { asProblem } from '../client/problem';
import { Button, IconButton } from './button';
import { Icon } from './icon';

type Tone = 'good' | 'bad' | 'info';

interface Toast {
  id: number;
  tone: Tone;
  text: string;
  detail?: string | undefined;
  action?: { label: string; run: () => void } | undefined;
}

const shownFor: Record<Tone, number> = { good: 4_000, info: 6_000, bad: 12_000 };
const most = 4;
let lastId = 0;

const useToasts = create<{ items: Toast[] }>(() => ({ items: [] }));

function dismiss(id: number): void {
  useToasts.setState(({ items }) => ({ items: items.filter((item) => item.id !== id) }));
}

function add(tone: Tone, text: string, extra: Pick<Toast, 'detail' | 'action'> = {}): void {
  lastId += 1;
  const item: Toast = { id: lastId, tone, text, ...extra };
  useToasts.setState(({ items }) => ({ items: [...items, item].slice(-most) }));
}

// toast says in passing what happened. What must not be missed belongs on the page.
export const toast = {
  good: (text: string, extra?: Pick<Toast, 'detail' | 'action'>): void => add('good', text, extra),
  info: (text: string, extra?: Pick<Toast, 'detail' | 'action'>): void => add('info', text, extra),
  // problem shows anything thrown.
  problem: (error: unknown): void => {
    const problem = asProblem(error);
    add('bad', problem.title, { detail: problem.detail || undefined });
  },
};

export function Toasts(): ReactNode {
  const items = useToasts((state) => state.items);
  return createPortal(
    <div className="sw-toasts" role="status" aria-live="polite">
      {items.map((item) => (
        <ToastItem key={item.id} item={item} />
      ))}
    </div>,
    document.body,
  );
}

function ToastItem({ item }: { item: Toast }): ReactNode {
  const { t } = useTranslation();
  const { id, tone, text, detail, action } = item;
  useEffect(() => {
    const timer = setTimeout(() => dismiss(id), shownFor[tone]);
    return () => clearTimeout(timer);
  }, [id, tone]);
  return (
    <div className="sw-toast" data-tone={tone}>
      <Icon name={tone === 'good' ? 'check' : tone === 'bad' ? 'alert' : 'info'} />
      <div className="sw-toast-text">
        <div>{text}</div>
        {detail && <div className="sw-toast-detail">{detail}</div>}
        {action && (
          <Button
            kind="link"
            onClick={() => {
              action.run();
              dismiss(id);
            }}
          >
            {action.label}
          </Button>
        )}
      </div>
      <IconButton icon="close" size="small" label={t('kit.close')} onClick={() => dismiss(id)} />
    </div>
  );
}
