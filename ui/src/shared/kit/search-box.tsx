import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './button';
import { Icon } from './icon';

export interface SearchBoxProps {
  value: string;
  // onSearch is called a quarter of a second after the last key, at once on Enter and when it is cleared.
  onSearch: (text: string) => void;
  label: string;
  // takesFocus: where a sheet opens to search in, typing may begin at once.
  takesFocus?: boolean;
}

const pause = 250;

export function SearchBox({ value, onSearch, label, takesFocus = false }: SearchBoxProps): ReactNode {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState(value);
  const [asked, setAsked] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // A value that changed from outside replaces what is typed; the echo of our own, late as it may come, does not.
  if (value !== seen) {
    setSeen(value);
    if (value !== asked) {
      setAsked(value);
      setTyped(value);
    }
  }
  useEffect(() => () => clearTimeout(timer.current), []);

  const search = (text: string) => {
    clearTimeout(timer.current);
    if (text.trim() === asked) return;
    setAsked(text.trim());
    onSearch(text.trim());
  };
  return (
    <div className="sw-search" role="search">
      <Icon name="search" />
      <input
        type="search"
        enterKeyHint="search"
        value={typed}
        aria-label={label}
        placeholder={label}
        data-autofocus={takesFocus ? '' : undefined}
        onChange={(event) => {
          const text = event.target.value;
          setTyped(text);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => search(text), pause);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
            event.preventDefault();
            search(typed);
          }
        }}
      />
      {typed !== '' && (
        <IconButton
          icon="close"
          size="small"
          label={t('kit.clear')}
          onClick={() => {
            setTyped('');
            search('');
          }}
        />
      )}
    </div>
  );
}
