import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '@/shared/client/client';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Icon } from '@/shared/kit/icon';
import { DueBadge } from '@/shared/kit/traffic-light';
import type { RecordView, Task } from './record-view';

interface RecordBannersProps {
  record: RecordView;
  task: Task | undefined; // the reader's own
}

// RecordBanners say at the top of a record what must not be missed about it.
export function RecordBanners({ record, task }: RecordBannersProps): ReactNode {
  const back = task?.sentBack ? task : record.tasks?.find((one) => one.sentBack);
  return (
    <>
      {record.overdue && record.status === 'running' && <LateBanner record={record} acts={task !== undefined} />}
      {back?.sentBack && <ReturnedBanner back={back.sentBack} names={record.names ?? {}} />}
    </>
  );
}

// LateBanner says in red what is late and whom it waits for.
export function LateBanner({ record, acts }: { record: RecordView; acts: boolean }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const late = record.tasks?.find((task) => task.overdue) ?? record.tasks?.[0];
  const step = text(late?.title) || text(record.path?.find(({ block }) => block === record.stage)?.title);
  const people = (late?.assignees ?? []).map((id) => text(record.names?.[id]) || id).join(t('validation.and'));
  return (
    <div className="sw-banner" data-tone="bad" role="alert">
      <Icon name="alert" />
      <div>
        <strong>{step ? t('record.lateAt', { step }) : t('record.late')}</strong> <DueBadge due={late?.dueAt ?? record.dueAt} overdue />
        {!acts && people !== '' && <p>{t('record.waitingFor', { people })}</p>}
      </div>
    </div>
  );
}

interface ReturnedBannerProps {
  back: Schemas['SentBack'];
  names: NonNullable<RecordView['names']>;
}

// ReturnedBanner says who sent the record back, when and why.
export function ReturnedBanner({ back, names }: ReturnedBannerProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const who = back.by ? text(names[back.by]) || back.by : t('record.somebody');
  const step = text(back.fromTitle);
  return (
    <div className="sw-banner" data-tone="warn" role="status">
      <Icon name="undo" />
      <div>
        <strong>{step ? t(back.result === 'rejected' ? 'record.back.rejectedAt' : 'record.back.returnedAt', { who, step }) : t('record.back.returned', { who })}</strong>{' '}
        <time className="sw-banner-time" dateTime={back.at} title={words.dateTime(back.at)}>
          {words.moment(back.at)}
        </time>
        {back.reason && <blockquote>{back.reason}</blockquote>}
      </div>
    </div>
  );
}
