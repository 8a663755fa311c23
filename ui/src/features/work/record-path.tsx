import type { TFunction } from 'i18next';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { IconButton } from '@/shared/kit/button';
import { PathBar, PathBrief } from '@/shared/kit/path-bar';
import { usePhone } from '@/shared/kit/use-phone';
import './record-path.css';
import { stepState, type PathStage } from './record-view';

// RecordPath is the path bar, on a phone in one line until it is unfolded; a step that is tapped tells when it was entered, left and due.
export function RecordPath({ path }: { path: readonly PathStage[] }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const phone = usePhone();
  const [open, setOpen] = useState<string>();
  const [unfolded, setUnfolded] = useState(false);
  const shown = path.find(({ block }) => block === open);
  const steps = path.map((stage) => {
    const note = noteOf(stage, words, t);
    return { key: stage.block, title: text(stage.title), state: stepState(stage), ...(note && { note }) };
  });
  return (
    <>
      {phone && <PathBrief steps={steps} open={unfolded} onToggle={() => setUnfolded(!unfolded)} />}
      {(!phone || unfolded) && <PathBar vertical={phone} steps={steps} onSelect={(key) => setOpen(key === open ? undefined : key)} />}
      {shown && (
        <div className="sw-record-step" role="status">
          <strong>{text(shown.title)}</strong>
          {shown.enteredAt ? (
            <dl>
              <Fact title={t('record.step.entered')} value={words.dateTime(shown.enteredAt)} />
              {shown.leftAt && <Fact title={t('record.step.left')} value={words.dateTime(shown.leftAt)} />}
              {shown.dueAt && <Fact title={t('record.step.due')} value={words.dateTime(shown.dueAt)} />}
            </dl>
          ) : (
            <span className="sw-record-notyet">{t('record.step.notYet')}</span>
          )}
          <IconButton icon="close" size="small" label={t('record.step.close')} onClick={() => setOpen(undefined)} />
        </div>
      )}
    </>
  );
}

function noteOf(stage: PathStage, words: ReturnType<typeof useTimeWords>, t: TFunction): string | undefined {
  if (stage.status === 'returned') return t('record.step.returned');
  if (stage.status === 'stopped') return t('record.step.stopped');
  if (stage.status === 'current') return stage.dueAt && words.due(stage.dueAt).words;
  return stage.status === 'done' && stage.leftAt ? words.date(stage.leftAt) : undefined;
}

function Fact({ title, value }: { title: string; value: string }): ReactNode {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{value}</dd>
    </div>
  );
}
