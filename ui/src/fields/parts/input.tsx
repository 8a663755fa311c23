import { useState, type InputHTMLAttributes, type ReactNode } from 'react';
import { useText } from '@/shared/i18n/use-text';
import { textOf, type EditorProps } from '../kind';

// controlProps are what every control of a field carries, whatever it looks like.
export function controlProps({ id, describedBy, required, invalid }: EditorProps) {
  return {
    id,
    'aria-describedby': describedBy,
    'aria-required': required ? true : undefined,
    'aria-invalid': invalid ? true : undefined,
  };
}

type InputLook = Pick<InputHTMLAttributes<HTMLInputElement>, 'type' | 'inputMode' | 'autoComplete' | 'autoCapitalize' | 'spellCheck'>;

// TextInput is the one-line editor of every field that is text.
export function TextInput({ look, ...props }: EditorProps & { look?: InputLook }): ReactNode {
  const text = useText();
  const { field, value, onChange } = props;
  const most = field.schema.maxLength;
  return (
    <input
      className="sw-input"
      autoComplete="off"
      {...look}
      {...controlProps(props)}
      value={textOf(value)}
      placeholder={text(field.placeholder)}
      maxLength={typeof most === 'number' ? most : undefined}
      onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
    />
  );
}

// NumberInput keeps what is typed as it is typed; what is not a number stays visible and is refused by the check.
export function NumberInput({ before, after, ...props }: EditorProps & { before?: string | undefined; after?: string | undefined }): ReactNode {
  const text = useText();
  const { field, value, onChange } = props;
  const [typed, setTyped] = useState(textOf(value));
  const [known, setKnown] = useState(value);
  if (value !== known) {
    setKnown(value);
    if (numberFrom(typed) !== value) setTyped(textOf(value));
  }
  return (
    <span className="sw-affixed">
      {before && <span className="sw-affix">{before}</span>}
      <input
        className="sw-input sw-input-number"
        type="text"
        inputMode="decimal"
        autoComplete="off"
        {...controlProps(props)}
        value={typed}
        placeholder={text(field.placeholder)}
        onChange={(event) => {
          setTyped(event.target.value);
          onChange(numberFrom(event.target.value));
        }}
        onBlur={() => setTyped(textOf(numberFrom(typed)))}
      />
      {after && <span className="sw-affix">{after}</span>}
    </span>
  );
}

// numberFrom reads a number the way people type it: with thousands separators, full-width digits or spaces. Text that is
// no number comes back as it is.
export function numberFrom(typed: string): number | string | undefined {
  const plain = typed.normalize('NFKC').replace(/[\s,，_]/g, '').replace('。', '.');
  if (plain === '') return undefined;
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : typed;
}
