import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Field } from '@/shared/definition/form';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Sheet } from '@/shared/kit/sheet';
import { filterKind, statuses, withoutFilters, type FieldFilter, type ListState } from './list-state';
import type { FormView } from './use-form-view';

export interface FilterSheetProps {
  state: ListState;
  view: FormView;
  fields: readonly Field[];
  onApply: (state: ListState) => void;
  onClose: () => void;
}

// FilterSheet holds every condition a list can be narrowed by.
export function FilterSheet({ state, view, fields, onApply, onClose }: FilterSheetProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const [draft, setDraft] = useState(state);
  const change = (part: Partial<ListState>) => setDraft((before) => ({ ...before, ...part }));
  const stages = view.stages.map(({ block, title }) => ({ value: block, label: text(title) }));
  const states = statuses.filter((status) => (view.flow === undefined ? status === 'active' || status === 'draft' : status !== 'active'));
  return (
    <Sheet
      title={t('browse.filter')}
      onClose={onClose}
      width={420}
      footer={
        <>
          <Button onClick={() => setDraft({ ...withoutFilters(draft), q: draft.q })}>{t('browse.clear')}</Button>
          <Button
            kind="primary"
            onClick={() => {
              onApply(draft);
              onClose();
            }}
          >
            {t('browse.apply')}
          </Button>
        </>
      }
    >
      <div className="sw-filter">
        {stages.length > 0 && <Checks title={t('browse.column.stage')} options={stages} chosen={draft.stages} onChange={(values) => change({ stages: values })} />}
        <Checks
          title={t('browse.column.status')}
          options={states.map((status) => ({ value: status, label: t(`browse.status.${status}`) }))}
          chosen={draft.statuses}
          onChange={(values) => change({ statuses: values })}
        />
        {fields.map((field) => (
          <FieldFilterRow key={field.key} field={field} filter={draft.fields[field.key] ?? {}} onChange={(filter) => change({ fields: { ...draft.fields, [field.key]: filter } })} />
        ))}
      </div>
    </Sheet>
  );
}

interface Option {
  value: string;
  label: string;
}

function Checks({ title, options, chosen, onChange }: { title: string; options: readonly Option[]; chosen: readonly string[]; onChange: (chosen: string[]) => void }): ReactNode {
  const toggle = (value: string) => onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  return (
    <fieldset className="sw-filter-row">
      <legend>{title}</legend>
      <div className="sw-filter-checks">
        {options.map(({ value, label }) => (
          <label key={value} className="sw-filter-check">
            <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function FieldFilterRow({ field, filter, onChange }: { field: Field; filter: FieldFilter; onChange: (filter: FieldFilter) => void }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const title = text(field.title);
  switch (filterKind(field)) {
    case 'choice': {
      const options = field.options.map(({ value, label }) => ({ value, label: text(label) || value }));
      return <Checks title={title} options={options} chosen={filter.any ?? []} onChange={(any) => onChange({ any })} />;
    }
    case 'yesNo': {
      const options = [
        { value: 'true', label: t('field.yes') },
        { value: 'false', label: t('field.no') },
      ];
      return <Checks title={title} options={options} chosen={filter.any ?? []} onChange={(any) => onChange({ any })} />;
    }
    case 'number':
      return <Range title={title} type="number" filter={filter} onChange={onChange} />;
    case 'day':
      return <Range title={title} type="date" filter={filter} onChange={onChange} />;
    case 'text':
      return <Has title={title} filter={filter} onChange={onChange} />;
    case undefined:
      return null;
  }
}

interface PartProps {
  title: string;
  filter: FieldFilter;
  onChange: (filter: FieldFilter) => void;
}

function Range({ title, type, filter, onChange }: PartProps & { type: 'number' | 'date' }): ReactNode {
  const { t } = useTranslation();
  const side = (name: 'min' | 'max', label: string) => (
    <input
      className="sw-input"
      type={type}
      step={type === 'number' ? 'any' : undefined}
      inputMode={type === 'number' ? 'decimal' : undefined}
      aria-label={`${title} ${label}`}
      placeholder={label}
      value={filter[name] ?? ''}
      onChange={(event) => onChange({ ...filter, [name]: event.target.value })}
    />
  );
  return (
    <fieldset className="sw-filter-row">
      <legend>{title}</legend>
      <div className="sw-filter-range">
        {side('min', type === 'number' ? t('browse.atLeast') : t('browse.from'))}
        <span aria-hidden="true">–</span>
        {side('max', type === 'number' ? t('browse.atMost') : t('browse.to'))}
      </div>
    </fieldset>
  );
}

function Has({ title, filter, onChange }: PartProps): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="sw-filter-row">
      <label htmlFor={id}>{title}</label>
      <input id={id} className="sw-input" value={filter.has ?? ''} placeholder={t('browse.contains')} onChange={(event) => onChange({ has: event.target.value })} />
    </div>
  );
}
