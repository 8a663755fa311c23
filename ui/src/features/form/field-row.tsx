import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isEmpty, type FieldMessage } from '@/fields/kind';
import { kindOf } from '@/fields/registry';
import type { Field } from '@/shared/definition/form';
import { useText } from '@/shared/i18n/use-text';
import { Icon } from '@/shared/kit/icon';
import { LimitLine } from './limit-line';
import type { FieldState } from './model';
import { pointerOf } from './pointer';

interface FieldRowProps {
  field: Field;
  value: unknown;
  state: FieldState;
  messages: readonly FieldMessage[];
  id: string;
  touch: boolean;
  reading: boolean; // nothing in the form can be written
  onChange: (key: string, value: unknown) => void;
  onLeave: (key: string) => void;
}

// FieldRow is a field with its label, help and messages, to be written or only read.
export const FieldRow = memo(function FieldRow({ field, value, state, messages, id, touch, reading, onChange, onLeave }: FieldRowProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const kind = kindOf(field);
  const { writable, required, locked } = state;
  const edits = writable || (!reading && (field.type === 'formula' || field.type === 'autoNumber'));
  const Editor = touch ? kind.Touch : kind.Desk;
  const Read = kind.Read;

  if (kind.bare) {
    return (
      <div className="sw-field" data-wide="">
        <Read field={field} value={value} />
      </div>
    );
  }
  const own = messages.filter(({ pointer }) => pointer === '');
  const help = text(field.help);
  const describedBy = [help && writable ? id + '-help' : '', own.length > 0 ? id + '-message' : ''].filter(Boolean).join(' ') || undefined;
  return (
    <div
      className="sw-field"
      data-field={field.key}
      data-wide={kind.wide ? '' : undefined}
      data-reads={edits ? undefined : ''}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) onLeave(field.key);
      }}
    >
      <label id={id + '-label'} htmlFor={kind.group || !edits ? undefined : id} className="sw-field-label">
        {text(field.title)}
        {required && (
          <>
            <span className="sw-star" aria-hidden="true">
              *
            </span>
            <span className="sw-visually-hidden">{t('form.required')}</span>
          </>
        )}
        {locked && <Icon name="lock" size={12} />}
      </label>
      {edits ? (
        <Editor
          field={field}
          value={value}
          onChange={(next) => onChange(field.key, next)}
          id={id}
          describedBy={describedBy}
          required={required}
          invalid={messages.length > 0}
          messages={messages}
          path={field.key}
        />
      ) : (
        <div className="sw-field-value" aria-labelledby={id + '-label'} role="group">
          {isEmpty(value) ? <span className="sw-faint">{t('form.nothing')}</span> : <Read field={field} value={value} />}
        </div>
      )}
      {own.length > 0 ? (
        <p id={id + '-message'} className="sw-message">
          <Icon name="alert" size={14} />
          <span>{own.map(({ message }) => message).join(' ')}</span>
        </p>
      ) : null}
      <LimitLine field={field.key} value={value} />
      {help && writable && (
        <p id={id + '-help'} className="sw-help">
          {help}
        </p>
      )}
    </div>
  );
});

// messagesFor picks the messages about a field and makes their pointers relative to its value.
export function messagesFor(problems: readonly { pointer: string; message: string }[], key: string): FieldMessage[] {
  const start = pointerOf(key);
  return problems
    .filter(({ pointer }) => pointer === start || pointer.startsWith(start + '/'))
    .map(({ pointer, message }) => ({ pointer: pointer.slice(start.length), message }));
}
