import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldOption } from '@/shared/definition/form';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Icon } from '@/shared/kit/icon';
import type { EditorProps, FieldKind, ReadProps } from '../kind';
import { usePersonName } from '../person/use-person-name';
import './checklist.css';
import { ticksOf, withTick, type Tick } from './ticks';

function Done({ tick }: { tick: Tick }): ReactNode {
  const { t } = useTranslation();
  const words = useTimeWords();
  const name = usePersonName(tick.by ?? '');
  if (tick.at === undefined) return <span className="sw-help">{t('field.tickedNow')}</span>;
  return (
    <span className="sw-help">
      {name} {words.moment(tick.at)}
    </span>
  );
}

function ChecklistEditor({ field, value, onChange, id, describedBy, invalid }: EditorProps): ReactNode {
  const text = useText();
  const ticks = ticksOf(value);
  return (
    <div id={id} role="group" aria-labelledby={id + '-label'} aria-describedby={describedBy} data-invalid={invalid ? '' : undefined}>
      <ul className="sw-ticks">
        {field.options.map((option) => {
          const tick = ticks.find(({ item }) => item === option.value);
          return (
            <li key={option.value}>
              <label>
                <input type="checkbox" checked={tick !== undefined} onChange={(event) => onChange(withTick(field, value, option.value, event.target.checked))} />
                <span>{text(option.label) || option.value}</span>
              </label>
              {tick && <Done tick={tick} />}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Line({ option, tick }: { option: FieldOption; tick: Tick | undefined }): ReactNode {
  const text = useText();
  return (
    <li data-open={tick ? undefined : ''}>
      <span className="sw-tick">
        <Icon name={tick ? 'check' : 'minus'} size={14} />
        {text(option.label) || option.value}
      </span>
      {tick && <Done tick={tick} />}
    </li>
  );
}

function ChecklistRead({ field, value }: ReadProps): ReactNode {
  const ticks = ticksOf(value);
  return (
    <ul className="sw-ticks">
      {field.options.map((option) => (
        <Line key={option.value} option={option} tick={ticks.find(({ item }) => item === option.value)} />
      ))}
    </ul>
  );
}

function ChecklistCell({ field, value }: ReadProps): ReactNode {
  const { t } = useTranslation();
  return <span className="sw-num">{t('field.ticked', { done: ticksOf(value).length, all: field.options.length })}</span>;
}

export const checklist: FieldKind = { Desk: ChecklistEditor, Touch: ChecklistEditor, Read: ChecklistRead, Cell: ChecklistCell, wide: true, group: true };
