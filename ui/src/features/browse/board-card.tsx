import { useDraggable } from '@dnd-kit/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFieldHost } from '@/fields/host';
import { isEmpty } from '@/fields/kind';
import { kindOf } from '@/fields/registry';
import type { Field } from '@/shared/definition/form';
import { useText } from '@/shared/i18n/use-text';
import { Avatar } from '@/shared/kit/avatar';
import { IconButton } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import { routes } from '@/shared/routes';
import { DueOf } from './record-value';
import type { RecordSummary } from './use-records';

export interface BoardCardProps {
  record: RecordSummary;
  fields: readonly Field[];
  mayMove: boolean;
  onMove: () => void; // choose the stage from a list
  note?: ReactNode; // what there is to say about the card
}

// BoardCard can be dragged by mouse, by a long press, and by keyboard from its handle; the menu moves it without dragging.
export function BoardCard({ record, fields, mayMove, onMove, note }: BoardCardProps): ReactNode {
  const { t } = useTranslation();
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, isDragging } = useDraggable({ id: record.id, disabled: !mayMove, data: { column: record.stage } });
  const { onKeyDown, ...pointers } = listeners ?? {};
  return (
    <li ref={setNodeRef} className="sw-card" data-card={record.id} data-overdue={record.overdue ? '' : undefined} data-dragging={isDragging ? '' : undefined} {...pointers}>
      <CardFace record={record} fields={fields}>
        {mayMove && (
          <span className="sw-card-tools">
            <button ref={setActivatorNodeRef} type="button" className="sw-card-grip" aria-label={t('board.drag', { record: record.title })} aria-describedby={attributes['aria-describedby']} onKeyDown={(event) => onKeyDown?.(event)}>
              <Icon name="grip" size={16} />
            </button>
            <IconButton icon="more" size="small" label={t('board.moveTo', { record: record.title })} onClick={onMove} />
          </span>
        )}
      </CardFace>
      {note}
    </li>
  );
}

// CardFace is how a card looks, lying or in the hand.
export function CardFace({ record, fields, children }: { record: RecordSummary; fields: readonly Field[]; children?: ReactNode }): ReactNode {
  const host = useFieldHost();
  const text = useText();
  const owner = text(host.nameOf(record.owner));
  const shown = fields.filter((field) => !isEmpty(record.data[field.key]) && record.data[field.key] !== record.owner);
  return (
    <>
      <div className="sw-card-top">
        <Link to={routes.record(record.app, record.form, record.id)} className="sw-card-title" draggable={false}>
          {record.title}
        </Link>
        {children}
      </div>
      {shown.length > 0 && (
        <dl className="sw-card-facts">
          {shown.map((field) => {
            const { Cell } = kindOf(field);
            return (
              <div key={field.key}>
                <dt>{text(field.title)}</dt>
                <dd>
                  <Cell field={field} value={record.data[field.key]} />
                </dd>
              </div>
            );
          })}
        </dl>
      )}
      <div className="sw-card-foot">
        {record.dueAt !== undefined || record.overdue ? <DueOf record={record} /> : <span />}
        {owner && (
          <span title={owner}>
            <Avatar name={owner} size={22} />
            <span className="sw-visually-hidden">{owner}</span>
          </span>
        )}
      </div>
    </>
  );
}
