import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useTimeWords } from '../i18n/time';
import { Icon } from './icon';

export type Light = 'green' | 'amber' | 'red' | 'none';

const shapes: Record<Light, ReactNode> = {
  green: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  amber: <path d="M6 .8l5.4 9.9H.6z" fill="currentColor" />,
  red: <path d="M1 1h10v10H1z" fill="currentColor" />,
  none: <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />,
};

// TrafficLight always says the same thing three times: circle, triangle or square; the colour; a word.
export function TrafficLight({ light, word }: { light: Light; word?: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <span className="sw-light" data-light={light}>
      <svg width={12} height={12} viewBox="0 0 12 12" aria-hidden="true">
        {shapes[light]}
      </svg>
      <span>{word ?? t(`kit.light.${light}`)}</span>
    </span>
  );
}

export interface DueBadgeProps {
  due: string | undefined;
  // overdue is what the server says; it holds until this clock says so too.
  overdue?: boolean;
}

// DueBadge words a deadline as seen from now; the exact moment is its tooltip.
export function DueBadge({ due, overdue = false }: DueBadgeProps): ReactNode {
  const words = useTimeWords();
  const { t } = useTranslation();
  if (due === undefined) return null;
  const said = words.due(due);
  const urgency = overdue ? 'overdue' : said.urgency;
  const text = overdue && said.urgency !== 'overdue' ? t('time.late') : said.words;
  return (
    <time className="sw-due" data-urgency={urgency} dateTime={due} title={said.exact}>
      {urgency === 'overdue' ? (
        <svg width={10} height={10} viewBox="0 0 12 12" aria-hidden="true">
          {shapes.red}
        </svg>
      ) : (
        <Icon name="clock" size={14} />
      )}
      {text}
    </time>
  );
}
