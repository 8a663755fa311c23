import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, body, type Schemas } from '@/shared/client/client';
import { useNow } from '@/shared/clock';
import { useText } from '@/shared/i18n/use-text';
import { PersonName } from '@/shared/kit/avatar';
import { LinkButton } from '@/shared/kit/button';
import { Icon, type IconName } from '@/shared/kit/icon';
import { PageTitle } from '@/shared/kit/page-title';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { DueBadge } from '@/shared/kit/traffic-light';
import { usePrefs } from '@/shared/prefs';
import { routes } from '@/shared/routes';
import { useMe } from '@/shared/session';
import { dayPart } from './day-part';
import { TaskRow } from './task-row';
import { later } from './record-parts';
import './work.css';

const AwayBanner = lazy(later(async () => (await import('./away-banner')).AwayBanner));

type Today = Schemas['Today'];

// TodayPage is where the day begins: what is late, what is due, what comes next.
export function TodayPage(): ReactNode {
  const { t } = useTranslation();
  const me = useMe();
  const now = useNow();
  const language = usePrefs((prefs) => prefs.language);
  const today = useQuery({ queryKey: ['today'], queryFn: () => body(api.GET('/today')) });
  const date = new Intl.DateTimeFormat(language, { weekday: 'long', month: 'long', day: 'numeric' }).format(now);
  return (
    <div className="sw-page">
      <PageTitle title={t('today.title')} />
      <header className="sw-today-head">
        <h1>{t(`today.${dayPart(new Date(now).getHours())}`, { name: me.name })}</h1>
        <p>{date}</p>
      </header>
      <Suspense>
        <AwayBanner />
      </Suspense>
      {today.isError ? (
        <ErrorState error={today.error} onRetry={() => void today.refetch()} />
      ) : !today.data ? (
        <div className="sw-panel">
          <SkeletonRows />
        </div>
      ) : (
        <Day day={today.data} leads={me.hasReports ?? false} />
      )}
    </div>
  );
}

function Day({ day, leads }: { day: Today; leads: boolean }): ReactNode {
  const { t } = useTranslation();
  const { counts, overdue, today, soon, later, teamOverdue } = day;
  const sections = [
    { key: 'overdue', title: t('today.overdue'), tasks: overdue, count: counts.overdue },
    { key: 'due', title: t('today.due'), tasks: today, count: counts.today },
    { key: 'soon', title: t('today.soon'), tasks: soon, count: soon.length },
    { key: 'later', title: t('today.later'), tasks: later, count: later.length },
  ];
  const shown = sections.filter(({ tasks }) => tasks.length > 0);
  const listed = shown.reduce((sum, { tasks }) => sum + tasks.length, 0);
  return (
    <>
      <ul className="sw-counts" aria-label={t('today.counts')}>
        <Count to="#overdue" icon="alert" title={t('today.overdue')} count={counts.overdue} tone="bad" />
        <Count to="#due" icon="clock" title={t('today.due')} count={counts.today} tone="warn" />
        <Count to={`${routes.tasks}?kind=approval`} icon="approval" title={t('today.approvals')} count={counts.approvals} />
        {(leads || counts.teamOverdue > 0) && <Count to="#team" icon="people" title={t('today.team')} count={counts.teamOverdue} tone="bad" />}
      </ul>
      {shown.length === 0 && (
        <div className="sw-panel">
          <EmptyState icon="check" title={t('today.clear')} text={t('today.clearText')} />
        </div>
      )}
      {shown.map(({ key, title, tasks, count }) => (
        <Section key={key} id={key} title={title} count={count} bad={key === 'overdue'}>
          {tasks.map((task) => (
            <li key={task.id}>
              <TaskRow task={task} names={day.names} />
            </li>
          ))}
        </Section>
      ))}
      {counts.open > listed && (
        <p className="sw-work-more">
          <LinkButton to={routes.tasks} icon="tasks">
            {t('today.more')}
          </LinkButton>
        </p>
      )}
      {teamOverdue.length > 0 && (
        <Section id="team" title={t('today.team')} count={counts.teamOverdue} bad>
          {teamOverdue.map((record) => (
            <li key={record.id}>
              <TeamRow record={record} owner={day.names?.[record.owner]} />
            </li>
          ))}
        </Section>
      )}
    </>
  );
}

interface SectionProps {
  id: string;
  title: string;
  count: number;
  bad?: boolean;
  children: ReactNode;
}

function Section({ id, title, count, bad = false, children }: SectionProps): ReactNode {
  const heading = useId();
  return (
    <section className="sw-work-section" id={id} aria-labelledby={heading}>
      <h2 id={heading} data-tone={bad ? 'bad' : undefined}>
        {title} <span className="sw-work-count">{count}</span>
      </h2>
      <ul className="sw-panel sw-rows">{children}</ul>
    </section>
  );
}

interface CountProps {
  to: string;
  icon: IconName;
  title: string;
  count: number;
  tone?: 'bad' | 'warn';
}

function Count({ to, icon, title, count, tone }: CountProps): ReactNode {
  const inside = (
    <>
      <span className="sw-count-number">{count}</span>
      <span className="sw-count-title">
        <Icon name={icon} size={16} />
        {title}
      </span>
    </>
  );
  const lit = count > 0 ? tone : undefined;
  return (
    <li>
      {count === 0 ? (
        <div className="sw-count">{inside}</div>
      ) : to.startsWith('#') ? (
        <button type="button" className="sw-count" data-tone={lit} onClick={() => document.getElementById(to.slice(1))?.scrollIntoView({ block: 'start' })}>
          {inside}
        </button>
      ) : (
        <Link to={to} className="sw-count" data-tone={lit}>
          {inside}
        </Link>
      )}
    </li>
  );
}

function TeamRow({ record, owner }: { record: Schemas['RecordSummary']; owner: Schemas['Text'] | undefined }): ReactNode {
  const text = useText();
  return (
    <Link to={routes.record(record.app, record.form, record.id)} className="sw-task" data-overdue="">
      <span className="sw-task-sign">
        <Icon name="flag" />
      </span>
      <span className="sw-task-what">
        <span className="sw-task-title sw-ellipsis">{record.title}</span>
        <span className="sw-task-note">
          <PersonName name={text(owner) || record.owner} size={18} />
        </span>
      </span>
      <span className="sw-task-when">
        <DueBadge due={record.dueAt} overdue={record.overdue} />
      </span>
    </Link>
  );
}
