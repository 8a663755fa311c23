import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import type { ProblemError } from '@/shared/client/problem';
import { Button, LinkButton } from '@/shared/kit/button';
import { Icon, type IconName } from '@/shared/kit/icon';
import { routes } from '@/shared/routes';

type Tone = 'good' | 'plain' | 'bad';

// How each end of a link looks. The words are the server's.
const ends: Record<string, { icon: IconName; tone: Tone }> = {
  'quick.used': { icon: 'check', tone: 'good' },
  'quick.movedOn': { icon: 'arrowRight', tone: 'plain' },
  'quick.expired': { icon: 'clock', tone: 'plain' },
  'quick.revoked': { icon: 'close', tone: 'plain' },
  'quick.signIn': { icon: 'lock', tone: 'plain' },
  'quick.otherPerson': { icon: 'person', tone: 'plain' },
  'quick.unknown': { icon: 'search', tone: 'plain' },
  'quick.tooOften': { icon: 'clock', tone: 'bad' },
};

// QuickRefusal says why a link shows nothing, and what can be done about it.
export function QuickRefusal({ problem, onRetry }: { problem: ProblemError; onRetry: () => void }): ReactNode {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const { icon, tone } = ends[problem.code] ?? { icon: 'alert' as const, tone: 'bad' as const };
  const again = !(problem.code in ends) || problem.code === 'quick.tooOften';
  // What is the matter stands out; what can be done about it follows.
  const [, matter = problem.title, mend = ''] = /^(.+?[。.!?])\s*(.+)$/.exec(problem.title) ?? [];
  const signIn = problem.code === 'quick.signIn' || problem.code === 'quick.otherPerson';
  return (
    <Message icon={icon} tone={tone} title={matter} text={[mend, problem.detail].filter(Boolean).join(' ')}>
      {again && (
        <Button wide icon="refresh" onClick={onRetry}>
          {t('action.retry')}
        </Button>
      )}
      {signIn && (
        <LinkButton wide kind="primary" to={`${routes.signIn}?to=${encodeURIComponent(pathname)}`}>
          {t('session.signIn')}
        </LinkButton>
      )}
    </Message>
  );
}

// QuickDone says thank you.
export function QuickDone({ path }: { path?: string | undefined }): ReactNode {
  const { t } = useTranslation();
  return (
    <Message icon="check" tone="good" title={t('quick.done')} text={t('quick.doneText')}>
      {path !== undefined && path !== '' && (
        <LinkButton wide to={path}>
          {t('quick.openRecord')}
        </LinkButton>
      )}
    </Message>
  );
}

interface MessageProps {
  icon: IconName;
  tone: Tone;
  title: string;
  text: string;
  children: ReactNode;
}

function Message({ icon, tone, title, text, children }: MessageProps): ReactNode {
  return (
    <div className="sw-quick-message" data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <span className="sw-quick-sign">
        <Icon name={icon} size={28} />
      </span>
      <h1>{title}</h1>
      {text !== '' && <p>{text}</p>}
      <div className="sw-quick-actions">{children}</div>
    </div>
  );
}
