import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isEmpty, type FieldMessage } from '@/fields/kind';
import { useText } from '@/shared/i18n/use-text';
import { Icon } from '@/shared/kit/icon';
import { FieldRow } from './field-row';
import type { ShownSection } from './sections';
import type { RecordForm } from './use-record-form';

interface SectionFieldsProps {
  form: RecordForm;
  section: ShownSection;
  idOf: (key: string) => string;
  messages: ReadonlyMap<string, readonly FieldMessage[]>;
  touch: boolean;
  reading: boolean;
}

const none: never[] = [];

// SectionFields are the fields of one section, in its columns.
export function SectionFields({ form, section, idOf, messages, touch, reading }: SectionFieldsProps): ReactNode {
  const { derived } = form;
  return (
    <div className="sw-section-fields" data-columns={section.columns}>
      {section.fields.map((field) => {
        const state = derived.states[field.key];
        if (!state) return null;
        return (
          <FieldRow
            key={field.key}
            field={field}
            value={field.type === 'subTable' || !state.writable ? derived.data[field.key] : form.values[field.key]}
            state={state}
            messages={messages.get(field.key) ?? none}
            id={idOf(field.key)}
            touch={touch}
            reading={reading}
            onChange={form.set}
            onLeave={form.visit}
          />
        );
      })}
    </div>
  );
}

interface OpenSectionProps extends SectionFieldsProps {
  id: string;
  // under tells that the form stands under a heading of its own; alone, that there is no other section there.
  under: boolean;
  alone: boolean;
}

// OpenSection is a section under its title. One that stands alone under a heading of its own only says it to screen readers.
export function OpenSection({ id, under, alone, ...props }: OpenSectionProps): ReactNode {
  const text = useText();
  const title = text(props.section.title);
  const Title = under ? 'h3' : 'h2';
  return (
    <fieldset className="sw-section" aria-labelledby={title ? id : undefined}>
      {title && (
        <Title id={id} className={under && alone ? 'sw-visually-hidden' : 'sw-section-title'}>
          {title}
        </Title>
      )}
      <SectionFields {...props} />
    </fieldset>
  );
}

// FoldedSection is one that may be changed too; on a phone it is folded unless something in it is still needed or wrong.
export function FoldedSection(props: SectionFieldsProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { form, section, messages, touch } = props;
  const writes = section.fields.filter((field) => form.derived.states[field.key]?.writable);
  const wanted = section.fields.some((field) => messages.has(field.key) || (form.derived.states[field.key]?.required && isEmpty(form.derived.data[field.key])));
  // Once unfolded it stays so: it must not close over the field that was just filled in.
  const [opened, setOpened] = useState(wanted);
  if (wanted && !opened) setOpened(true);
  return (
    <details className="sw-fold" open={!touch || opened}>
      <summary>
        <Icon name="chevronRight" />
        <span className="sw-fold-title">{text(section.title) || t('record.form')}</span>
        <span className="sw-help">{t('form.mayChange', { count: writes.length })}</span>
      </summary>
      <SectionFields {...props} />
    </details>
  );
}
