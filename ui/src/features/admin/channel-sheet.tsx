import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Chip } from '@/shared/kit/chip';
import { Sheet } from '@/shared/kit/sheet';
import { Tabs } from '@/shared/kit/tabs';
import { useMe } from '@/shared/session';
import { isChannelType } from './channel-form';
import { ChannelLetters } from './channel-letters';
import { ChannelSettings } from './channel-settings';
import { ChannelTest } from './channel-test';
import { ChannelWording } from './channel-wording';
import { stateTones, type Report } from './channels-page';

interface ChannelSheetProps {
  report: Report;
  editable: boolean;
  wordsOf: string | undefined; // the app whose wordings may be tried out
  onClose: () => void;
}

type Tab = 'state' | 'settings' | 'wording' | 'letters';

// ChannelSheet is one channel: how it is doing, how it is set up, and what did not arrive.
export function ChannelSheet({ report, editable, wordsOf, onClose }: ChannelSheetProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const [tab, setTab] = useState<Tab>(report.state === 'notSetUp' && editable ? 'settings' : 'state');
  const letters = report.dead + report.noContact + report.expired + report.held;
  return (
    <Sheet title={text(report.title)} onClose={onClose} width={560}>
      <Tabs<Tab>
        label={text(report.title)}
        selected={tab}
        onSelect={setTab}
        tabs={[
          { key: 'state', title: t('channels.tab.state') },
          { key: 'settings', title: t('channels.tab.settings') },
          ...(wordsOf === undefined ? [] : [{ key: 'wording' as const, title: t('channels.tab.wording') }]),
          { key: 'letters', title: t('channels.tab.letters'), ...(letters > 0 && { count: letters }) },
        ]}
      >
        <div className="sw-channel-panel">
          {tab === 'state' && <State report={report} />}
          {tab === 'settings' && <Settings report={report} editable={editable} onSaved={() => setTab('state')} />}
          {tab === 'wording' && wordsOf !== undefined && <ChannelWording app={wordsOf} channel={report.key} />}
          {tab === 'letters' && <ChannelLetters channel={report.id} />}
        </div>
      </Tabs>
    </Sheet>
  );
}

function Settings({ report, editable, onSaved }: { report: Report; editable: boolean; onSaved: () => void }): ReactNode {
  const { t } = useTranslation();
  if (report.app === undefined || !isChannelType(report.type)) return <p className="sw-admin-lead">{t('channels.byServer')}</p>;
  if (!editable) return <p className="sw-admin-lead">{t('channels.notYours')}</p>;
  return <ChannelSettings app={report.app} channel={report.key} type={report.type} onSaved={onSaved} />;
}

function State({ report }: { report: Report }): ReactNode {
  const { t } = useTranslation();
  const words = useTimeWords();
  const mayTest = useMe().permissions.includes('admin.retry');
  const perMinute = (n: number | undefined) => (n === undefined ? t('channels.unlimited') : t('channels.perMinute', { count: Math.round(n) }));
  const figures: [string, ReactNode][] = [
    [t('channels.figure.state'), <Chip key="state" tone={stateTones[report.state]}>{t(`channels.state.${report.state}`)}</Chip>],
    ...(report.why ? ([[t('channels.figure.why'), report.why]] as [string, ReactNode][]) : []),
    ...(report.until ? ([[t('channels.figure.until'), words.moment(report.until)]] as [string, ReactNode][]) : []),
    [t('channels.figure.key'), <code key="key">{report.key}</code>],
    [t('channels.figure.rate'), perMinute(report.perMinute)],
    ...(report.memberPerMinute ? ([[t('channels.figure.member'), perMinute(report.memberPerMinute)]] as [string, ReactNode][]) : []),
    [t('channels.figure.waiting'), report.overdueSeconds > 0 ? t('channels.late', { count: report.waiting, minutes: Math.ceil(report.overdueSeconds / 60) }) : String(report.waiting)],
    [t('channels.figure.collected'), String(report.collected)],
    [t('channels.figure.failures'), String(report.failures)],
    [t('channels.figure.lastSent'), report.lastSentAt ? words.moment(report.lastSentAt) : t('channels.nothing')],
  ];
  return (
    <>
      <dl className="sw-channel-figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {report.lastError && (
        <p className="sw-channel-error">
          <strong>{t('channels.figure.lastError')}</strong> {report.lastErrorAt && words.moment(report.lastErrorAt)}
          <span>{report.lastError}</span>
        </p>
      )}
      {mayTest && report.state !== 'notSetUp' && <ChannelTest channel={report.id} />}
    </>
  );
}
