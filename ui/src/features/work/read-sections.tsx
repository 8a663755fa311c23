import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isEmpty } from '@/fields/kind';
import { FieldRow } from '@/features/form/field-row';
import { sectionsOf } from '@/features/form/sections';
import type { RecordForm } from '@/features/form/use-record-form';
import { useText } from '@/shared/i18n/use-text';
import { Icon } from '@/shared/kit/icon';
import { usePhone } from '@/shared/kit/use-phone';

interface ReadSectionsProps {
  form: RecordForm;
  without: ReadonlySet<string>;
  // open begins with the sections that hold something unfolded.
  open: boolean;
}

const none: never[] = [];
const ignore = () => undefined;

// ReadSections shows the fields that are not for writing now, folded section by section.
export function ReadSections({ form, without, open }: ReadSectionsProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const touch = usePhone();
  const { derived, fields, holds } = form;
  const sections = useMemo(() => {
    const only = new Set(fields.filter((field) => !without.has(field.key)).map((field) => field.key));
    return sectionsOf(form.form, fields, derived, { only, holds });
  }, [form.form, fields, derived, holds, without]);
  const filledIn = (section: (typeof sections)[number]) => section.fields.filter((field) => field.type !== 'note' && !isEmpty(derived.data[field.key])).length;
  const told = sections.filter((section) => filledIn(section) > 0);
  // On a phone the first section, which says what this is, and the newest are enough to begin with.
  const opened = touch && told.length > 2 ? [told[0], told.at(-1)] : told;
  if (sections.length === 0) return null;
  const folds = sections.map((section) => {
    const valued = section.fields.filter((field) => field.type !== 'note');
    const filled = filledIn(section);
    return (
      <details key={section.key} className="sw-fold" open={open && opened.includes(section)}>
        <summary>
          <Icon name="chevronRight" />
          <span className="sw-fold-title">{text(section.title) || t('record.form')}</span>
          {valued.length > 0 && <span className="sw-help">{t('record.filled', { filled, all: valued.length })}</span>}
        </summary>
        <div className="sw-section-fields" data-columns={section.columns}>
          {section.fields.map((field) => {
            const state = derived.states[field.key];
            if (!state) return null;
            const shown = { ...state, writable: false, required: false };
            return <FieldRow key={field.key} field={field} value={derived.data[field.key]} state={shown} messages={none} id={`read-${field.key}`} touch={touch} reading onChange={ignore} onLeave={ignore} />;
          })}
        </div>
      </details>
    );
  });
  return <div className="sw-panel sw-form sw-folds">{folds}</div>;
}
