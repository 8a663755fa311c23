import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PickerSheet } from '@/fields/parts/picker';
import { api, body } from '@/shared/client/client';
import type { Text } from '@/shared/definition/text';
import { useText } from '@/shared/i18n/use-text';
import { PersonName } from '@/shared/kit/avatar';
import { Button, IconButton } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import { limitOf, type LimitDocument, type LimitRow } from './limit-rows';
import './limit-table.css';

interface LimitTableProps {
  app: string;
  document: LimitDocument;
  onChange: (next: LimitDocument) => void;
}

// LimitTable edits a limit as what it is: who may go how far.
export function LimitTable({ app, document, onChange }: LimitTableProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const [adding, setAdding] = useState<'role' | 'person'>();
  const rows = document.rows ?? [];
  const { roles, roleName, personName } = useNames(app, rows);
  const unit = document.currency ?? text(document.unit);
  const put = (next: LimitRow[]) => onChange({ ...document, rows: next });
  const change = (at: number, row: LimitRow) => put(rows.map((old, index) => (index === at ? row : old)));
  const free = roles.filter(({ id }) => !rows.some(({ role }) => role === id));
  return (
    <div className="sw-limits">
      <p className="sw-help">{t('limit.help')}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('limit.who')}</th>
            <th scope="col">{unit ? t('limit.valueIn', { unit }) : t('limit.value')}</th>
            <th scope="col">{t('limit.unlimited')}</th>
            <th scope="col">{t('limit.note')}</th>
            <th>
              <span className="sw-visually-hidden">{t('field.rowActions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => {
            const name = row.role !== undefined ? roleName(row.role) : personName(row.person ?? '');
            return (
              <tr key={`${row.role ?? ''}/${row.person ?? ''}`}>
                <th scope="row">
                  {row.person !== undefined ? (
                    <PersonName name={name} />
                  ) : (
                    <span className="sw-limits-role">
                      <Icon name="people" size={16} /> {name}
                    </span>
                  )}
                </th>
                <td data-title={unit}>
                  <Amount label={t('limit.of', { name })} value={row.value} disabled={row.unlimited === true} onChange={(value) => change(at, limitOf(row, { value }))} />
                </td>
                <td data-title={t('limit.unlimited')}>
                  <input type="checkbox" aria-label={t('limit.unlimitedFor', { name })} checked={row.unlimited === true} onChange={(event) => change(at, limitOf(row, { unlimited: event.target.checked }))} />
                </td>
                <td data-title={t('limit.note')}>
                  <input className="sw-input" aria-label={t('limit.noteFor', { name })} maxLength={200} value={row.note ?? ''} onChange={(event) => change(at, limitOf(row, { note: event.target.value }))} />
                </td>
                <td>
                  <IconButton icon="trash" label={t('limit.remove', { name })} onClick={() => put(rows.filter((_, index) => index !== at))} />
                </td>
              </tr>
            );
          })}
          <tr>
            <th scope="row">{t('limit.others')}</th>
            <td data-title={unit}>
              <Amount label={t('limit.of', { name: t('limit.others') })} value={document.default} onChange={(value) => onChange({ ...document, default: value })} />
            </td>
            <td colSpan={3} />
          </tr>
        </tbody>
      </table>
      <div className="sw-actions">
        <Button icon="plus" disabled={free.length === 0} onClick={() => setAdding('role')}>
          {t('limit.addRole')}
        </Button>
        <Button icon="plus" onClick={() => setAdding('person')}>
          {t('limit.addPerson')}
        </Button>
      </div>
      {adding && (
        <PickerSheet
          title={t(adding === 'role' ? 'limit.addRole' : 'limit.addPerson')}
          cacheKey={['limit', app, adding, rows.length]}
          load={async (search) => (adding === 'role' ? free.filter(({ title }) => title.includes(search)) : people(search, rows))}
          chosen={undefined}
          onClose={() => setAdding(undefined)}
          onPick={(id) => {
            put([...rows, adding === 'role' ? { role: id, value: 0 } : { person: id, value: 0 }]);
            setAdding(undefined);
          }}
        />
      )}
    </div>
  );
}

async function people(search: string, rows: readonly LimitRow[]) {
  const page = await body(api.GET('/people', { params: { query: { ...(search && { q: search }), limit: 50 } } }));
  return page.items.filter(({ id }) => !rows.some(({ person }) => person === id)).map(({ id, name, position }) => ({ id, title: name, ...(position && { note: position }) }));
}

// useNames puts words to the roles and people of the rows.
function useNames(app: string, rows: readonly LimitRow[]) {
  const text = useText();
  const list = useQuery({
    queryKey: ['definitions', app, 'role'],
    queryFn: () => body(api.GET('/apps/{app}/definitions', { params: { path: { app }, query: { kind: 'role' as const } } })),
  });
  const ids = rows.flatMap(({ person }) => person ?? []).join(',');
  const found = useQuery({ queryKey: ['people', 'named', ids], queryFn: () => body(api.GET('/people', { params: { query: { ids } } })), enabled: ids !== '' });
  const roles = (list.data?.items ?? []).map((role) => ({ id: role.key, title: text(role.title as Text) || role.key }));
  return {
    roles,
    roleName: (key: string) => roles.find(({ id }) => id === key)?.title ?? key,
    personName: (id: string) => found.data?.items.find((person) => person.id === id)?.name ?? id,
  };
}

interface AmountProps {
  label: string;
  value: number | undefined;
  disabled?: boolean;
  onChange: (value: number) => void;
}

// Amount keeps what is being typed, so that "1." or an empty box is not taken away while somebody writes.
function Amount({ label, value = 0, disabled = false, onChange }: AmountProps): ReactNode {
  const [typed, setTyped] = useState(String(value));
  const read = Number(typed);
  const shown = typed.trim() === '' || read !== value ? typed : String(value);
  const wrong = typed.trim() === '' || !Number.isFinite(read) || read < 0;
  return (
    <input
      className="sw-input sw-input-number"
      inputMode="decimal"
      aria-label={label}
      aria-invalid={wrong}
      disabled={disabled}
      value={disabled ? '' : shown}
      onChange={(event) => {
        setTyped(event.target.value);
        const next = Number(event.target.value);
        if (event.target.value.trim() !== '' && Number.isFinite(next) && next >= 0) onChange(next);
      }}
    />
  );
}
