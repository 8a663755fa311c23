import type { ReactNode } from 'react';
import { useText } from '@/shared/i18n/use-text';
import type { EditorProps } from '../kind';
import { controlProps } from './input';

export interface Choice {
  value: string;
  label: string;
}

interface PillsProps {
  props: EditorProps;
  choices: readonly Choice[];
  selected: readonly string[];
  multiple: boolean;
  onToggle: (value: string) => void;
}

// Pills shows all choices at once: radio buttons or check boxes that look like chips.
export function Pills({ props, choices, selected, multiple, onToggle }: PillsProps): ReactNode {
  const { id, describedBy, required, invalid } = props;
  return (
    <div
      className="sw-pills"
      role={multiple ? 'group' : 'radiogroup'}
      aria-labelledby={id + '-label'}
      aria-describedby={describedBy}
      aria-required={!multiple && required ? true : undefined}
      aria-invalid={!multiple && invalid ? true : undefined}
      data-invalid={invalid ? '' : undefined}
    >
      {choices.map((choice, index) => (
        <label key={choice.value} className="sw-pill">
          <input
            type={multiple ? 'checkbox' : 'radio'}
            name={id}
            id={index === 0 ? id : undefined}
            checked={selected.includes(choice.value)}
            onChange={() => onToggle(choice.value)}
            onClick={() => {
              // A second press takes an optional choice back.
              if (!multiple && !required && selected.includes(choice.value)) onToggle(choice.value);
            }}
          />
          <span>{choice.label}</span>
        </label>
      ))}
    </div>
  );
}

// useChoices words the options of a field.
export function useChoices({ field }: Pick<EditorProps, 'field'>): Choice[] {
  const text = useText();
  return field.options.map((option) => ({ value: option.value, label: text(option.label) || option.value }));
}

// fewChoices tells whether all choices are better shown than hidden behind a list.
export function fewChoices(choices: readonly Choice[]): boolean {
  return choices.length <= 4 && choices.reduce((sum, choice) => sum + choice.label.length, 0) <= 40;
}

// NativeSelect is the phone's own list of choices.
export function NativeSelect({ props, choices, empty }: { props: EditorProps; choices: readonly Choice[]; empty: string }): ReactNode {
  const value = typeof props.value === 'string' ? props.value : '';
  return (
    <select
      className="sw-input sw-select"
      {...controlProps(props)}
      aria-labelledby={props.id + '-label'}
      value={value}
      data-empty={value === '' ? '' : undefined}
      onChange={(event) => props.onChange(event.target.value === '' ? undefined : event.target.value)}
    >
      <option value="">{empty}</option>
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}
