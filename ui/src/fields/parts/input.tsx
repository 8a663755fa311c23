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
  // While it is being written a number is shown as it was typed, otherwise with its thousands apart.
  const [typed, setTyped] = useState<string>();
  return (
    <span className="sw-affixed">
      {before && <span className="sw-affix">{before}</span>}
      <input
        className="sw-input sw-input-number"
        type="text"
        inputMode="decimal"
        autoComplete="off"
        {...controlProps(props)}
        value={typed ?? grouped(value)}
        placeholder={text(field.placeholder)}
        onFocus={() => setTyped(textOf(value))}
        onChange={(event) => {
          setTyped(event.target.value);
          onChange(numberFrom(event.target.value));
        }}
        onBlur={() => setTyped(undefined)}
      />
      {after && <span className="sw-affix">{after}</span>}
    </span>
  );
}

function grouped(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 20 }) : textOf(value);
}

// numberFrom reads a number the way people type it: with thousands separators, full-width digits or spaces. Text that is
// no number comes back as it is.
export function numberFrom(typed: string): number | string | undefined {
  const plain = typed.normalize('NFKC').replace(/[\s,，_]/g, '').replace('。', '.');
  if (plain === '') return undefined;
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : typed;
}
