import { useId, type ReactNode } from 'react';

export interface Option<Key extends string> {
  key: Key;
  title: string;
  help?: string;
  picture?: ReactNode;
}

interface ChoicesProps<Key extends string> {
  title: string;
  options: readonly Option<Key>[];
  chosen: Key | undefined;
  onChoose: (key: Key) => void;
  invalid?: string | undefined;
}

// Choices are a few ways of which one is taken, each with room for a word of explanation.
export function Choices<Key extends string>({ title, options, chosen, onChoose, invalid }: ChoicesProps<Key>): ReactNode {
  const id = useId();
  return (
    <fieldset className="sw-field sw-choices" aria-describedby={invalid ? id + 'wrong' : undefined}>
      <legend className="sw-field-label">{title}</legend>
      {options.map(({ key, title: label, help, picture }) => (
        <label key={key} className="sw-choice" data-chosen={key === chosen ? '' : undefined}>
          <input type="radio" name={id} checked={key === chosen} onChange={() => onChoose(key)} />
          <span className="sw-choice-words">
            <span>{label}</span>
            {help && <span className="sw-help">{help}</span>}
          </span>
          {picture}
        </label>
      ))}
      {invalid && (
        <p id={id + 'wrong'} className="sw-message" role="alert">
          {invalid}
        </p>
      )}
    </fieldset>
  );
}
