import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '../client/client';
import { useText } from '../i18n/use-text';
import { Avatar } from '../kit/avatar';
import { Icon } from '../kit/icon';
import { SearchBox } from '../kit/search-box';
import './people-picker.css';

export interface Chosen {
  id: string;
  name: string;
}

export interface PeoplePickerProps {
  title: string;
  chosen: readonly Chosen[];
  onChange: (chosen: readonly Chosen[]) => void;
  // most is how many may be chosen; then the search goes away.
  most?: number;
  // among: only these may be chosen.
  among?: readonly Chosen[] | undefined;
  // without are not offered.
  without?: readonly string[];
  invalid?: string | undefined;
}

const found = 8;

// PeoplePicker chooses colleagues in place: who is chosen stands above a search and its few results.
export function PeoplePicker({ title, chosen, onChange, most = 20, among, without = [], invalid }: PeoplePickerProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const id = useId();
  const [search, setSearch] = useState('');
  const people = useQuery({
    queryKey: ['people', 'pick', search],
    queryFn: () => body(api.GET('/people', { params: { query: { limit: 20, ...(search && { q: search }) } } })),
    placeholderData: keepPreviousData,
    enabled: !among,
  });
  const note = (one: Schemas['Person']) => [text(one.departmentName), one.position].filter(Boolean).join(' · ');
  const all: (Chosen & { note?: string })[] = among?.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase())) ?? (people.data?.items ?? []).map((one) => ({ id: one.id, name: one.name, note: note(one) }));
  const offered = all.filter((one) => !without.includes(one.id) && !chosen.some((have) => have.id === one.id)).slice(0, found);
  const room = chosen.length < most;
  const add = ({ id: who, name }: Chosen) => {
    onChange([...chosen, { id: who, name }]);
    setSearch('');
  };
  return (
    <div className="sw-field" role="group" aria-labelledby={id} aria-describedby={invalid ? id + 'wrong' : undefined}>
      <span className="sw-field-label" id={id}>
        {title}
      </span>
      {chosen.length > 0 && (
        <ul className="sw-pick-chosen">
          {chosen.map((one) => (
            <li key={one.id}>
              <button type="button" onClick={() => onChange(chosen.filter((other) => other !== one))} aria-label={t('pick.remove', { name: one.name })}>
                <Avatar name={one.name} size={20} />
                {one.name}
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {room && <SearchBox value={search} onSearch={setSearch} label={t('pick.search')} />}
      <ul className="sw-pick-found" aria-label={t('pick.found')} hidden={!room}>
        {offered.map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => add(one)}>
              <Avatar name={one.name} size={28} />
              <span className="sw-pick-name sw-ellipsis">{one.name}</span>
              {one.note && <span className="sw-help sw-ellipsis">{one.note}</span>}
            </button>
          </li>
        ))}
        {offered.length === 0 && !people.isFetching && <li className="sw-help">{t('field.nothingFound')}</li>}
      </ul>
      {invalid && (
        <p id={id + 'wrong'} className="sw-message" role="alert">
          {invalid}
        </p>
      )}
    </div>
  );
}
