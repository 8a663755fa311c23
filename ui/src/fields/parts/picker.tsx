import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import { SearchBox } from '@/shared/kit/search-box';
import { Sheet } from '@/shared/kit/sheet';
import { EmptyState, ErrorState, SkeletonRows } from '@/shared/kit/states';
import { useText } from '@/shared/i18n/use-text';
import type { EditorProps } from '../kind';
import { controlProps } from './input';

export interface Pick {
  id: string;
  title: string;
  note?: string;
  depth?: number; // steps of indentation in a tree
  sign?: ReactNode;
}

interface PickerProps {
  props: EditorProps;
  // cacheKey names what is searched; the search text is added.
  cacheKey: readonly unknown[];
  load: (search: string) => Promise<Pick[]>;
  shown: ReactNode; // the name of what is chosen
}

// Picker is how a phone chooses one of many: a button that opens a full screen with a search.
export function Picker({ props, cacheKey, load, shown }: PickerProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const [open, setOpen] = useState(false);
  const { field, value, onChange } = props;
  const empty = typeof value !== 'string' || value === '';
  return (
    <span className="sw-picker">
      <button
        type="button"
        className="sw-input sw-picker-button"
        {...controlProps(props)}
        aria-haspopup="dialog"
        aria-labelledby={`${props.id}-label ${props.id}`}
        aria-required={undefined}
        aria-invalid={undefined}
        data-invalid={props.invalid ? '' : undefined}
        data-empty={empty ? '' : undefined}
        onClick={() => setOpen(true)}
      >
        <span className="sw-ellipsis">{empty ? text(field.placeholder) || t('field.choose') : shown}</span>
        <Icon name="chevronDown" />
      </button>
      {!empty && !props.required && <IconButton icon="close" label={t('kit.clear')} onClick={() => onChange(undefined)} />}
      {open && (
        <PickerSheet
          title={text(field.title)}
          cacheKey={cacheKey}
          load={load}
          chosen={empty ? undefined : value}
          onClose={() => setOpen(false)}
          onPick={(id) => {
            onChange(id);
            setOpen(false);
          }}
        />
      )}
    </span>
  );
}

interface PickerSheetProps {
  title: string;
  cacheKey: readonly unknown[];
  load: (search: string) => Promise<Pick[]>;
  chosen: string | undefined;
  onPick: (id: string) => void;
  onClose: () => void;
}

// PickerSheet is a full screen with a search, to choose one of many.
export function PickerSheet({ title, cacheKey, load, chosen, onPick, onClose }: PickerSheetProps): ReactNode {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const found = useQuery({ queryKey: [...cacheKey, search], queryFn: () => load(search), placeholderData: keepPreviousData });
  return (
    <Sheet title={title} onClose={onClose}>
      <div className="sw-picker-search">
        <SearchBox value={search} onSearch={setSearch} label={t('field.search')} takesFocus />
      </div>
      {found.isError ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : !found.data ? (
        <SkeletonRows />
      ) : found.data.length === 0 ? (
        <EmptyState icon="search" title={t('field.nothingFound')} />
      ) : (
        <ul className="sw-picks">
          {found.data.map((pick) => (
            <li key={pick.id}>
              <button
                type="button"
                className="sw-pick"
                aria-pressed={pick.id === chosen}
                style={{ paddingInlineStart: 16 + 20 * (pick.depth ?? 0) }}
                onClick={() => onPick(pick.id)}
              >
                {pick.sign}
                <span className="sw-pick-text">
                  <span>{pick.title}</span>
                  {pick.note && <span className="sw-pick-note">{pick.note}</span>}
                </span>
                {pick.id === chosen && <Icon name="check" />}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Sheet>
  );
}
