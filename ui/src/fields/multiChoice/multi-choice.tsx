import type { ReactNode } from 'react';
import { Chip, toneOf } from '@/shared/kit/chip';
import { useText } from '@/shared/i18n/use-text';
import { listOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { Pills, useChoices } from '../parts/choices';
import { onDesk } from '../parts/on-desk';

const DeskSelect = onDesk(async () => (await import('./multi-choice-desk')).MultiChoiceDesk);
const mostPills = 8;

function MultiChoicePills(props: EditorProps): ReactNode {
  const { field, value, onChange } = props;
  const choices = useChoices(props);
  const selected = listOf(value);
  return (
    <Pills
      props={props}
      choices={choices}
      selected={selected}
      multiple
      onToggle={(picked) => {
        const wanted = new Set(selected.includes(picked) ? selected.filter((one) => one !== picked) : [...selected, picked]);
        // In the order of the options, whatever the order of the presses.
        const next = field.options.map((option) => option.value).filter((one) => wanted.has(one));
        onChange(next.length === 0 ? undefined : next);
      }}
    />
  );
}

function MultiChoiceDeskEditor(props: EditorProps): ReactNode {
  return props.field.options.length <= mostPills ? <MultiChoicePills {...props} /> : <DeskSelect {...props} />;
}

function MultiChoiceRead({ field, value }: ReadProps): ReactNode {
  const text = useText();
  return (
    <span className="sw-chips">
      {listOf(value).map((one) => {
        const option = field.options.find((candidate) => candidate.value === one);
        return (
          <Chip key={one} tone={toneOf(option?.color)}>
            {option ? text(option.label) || one : one}
          </Chip>
        );
      })}
    </span>
  );
}

export const multiChoice: FieldKind = {
  Desk: MultiChoiceDeskEditor,
  Touch: MultiChoicePills,
  Read: MultiChoiceRead,
  Cell: MultiChoiceRead,
  group: true,
};
