import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useDeferredValue, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AntdRoot } from '@/shared/antd/antd-root';
import { asProblem } from '@/shared/client/problem';
import { useText } from '@/shared/i18n/use-text';
import { textOf, type EditorProps } from '../kind';
import { controlProps } from './input';
import type { Pick } from './picker';

interface SearchSelectProps {
  props: EditorProps;
  cacheKey: readonly unknown[];
  load: (search: string) => Promise<Pick[]>;
  shown: string; // the name of what is chosen
}

// SearchSelect is how the desk chooses one of many: the server searches while a person types.
export function SearchSelect({ props, cacheKey, load, shown }: SearchSelectProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const search = useDeferredValue(typed);
  const { field, value, onChange, required, invalid } = props;
  const found = useQuery({
    queryKey: [...cacheKey, search],
    queryFn: () => load(search),
    enabled: open,
    placeholderData: keepPreviousData,
  });
  const id = textOf(value);
  return (
    <AntdRoot>
      <Select
        {...controlProps(props)}
        aria-labelledby={props.id + '-label'}
        className="sw-antd-control"
        value={id === '' ? null : { value: id, label: shown }}
        labelInValue
        showSearch={{ filterOption: false, onSearch: setTyped, searchValue: typed }}
        onOpenChange={setOpen}
        options={(found.data ?? []).map((pick) => ({ value: pick.id, label: pick.title, pick }))}
        optionRender={({ data }) => (
          <span className="sw-option">
            {data.pick.sign}
            <span className="sw-ellipsis">{data.pick.title}</span>
            {data.pick.note && <span className="sw-pick-note sw-ellipsis">{data.pick.note}</span>}
          </span>
        )}
        loading={found.isFetching}
        notFoundContent={found.isError ? asProblem(found.error).title : found.isPending ? t('kit.loading') : t('field.nothingFound')}
        status={invalid ? 'error' : ''}
        allowClear={!required}
        placeholder={text(field.placeholder) || t('field.choose')}
        onChange={(picked: { value: string; label: string } | undefined) => {
          setTyped('');
          onChange(picked?.value);
        }}
      />
    </AntdRoot>
  );
}
