import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import { Sheet } from '@/shared/kit/sheet';
import type { Field } from '@/shared/definition/form';
import { useText } from '@/shared/i18n/use-text';
import { useFieldHost } from '../host';
import { isEmpty, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { cellMessages, rowMessages, rowsOf, withCell, type Row } from './rows';

const shownOnCard = 3;

function useRows({ value, onChange }: EditorProps) {
  const rows = rowsOf(value);
  const put = (next: Row[]) => onChange(next.length === 0 ? undefined : next);
  return {
    rows,
    set: (index: number, key: string, cell: unknown) => put(withCell(rows, index, key, cell)),
    add: () => put([...rows, {}]),
    copy: (index: number) => put([...rows.slice(0, index + 1), { ...rows[index] }, ...rows.slice(index + 1)]),
    remove: (index: number) => put(rows.filter((_, at) => at !== index)),
  };
}

function SubTableDesk(props: EditorProps): ReactNode {
  const { kindOf } = useFieldHost();
  const { t } = useTranslation();
  const text = useText();
  const { field, id, describedBy, messages } = props;
  const { rows, set, add, copy, remove } = useRows(props);
  return (
    <div className="sw-subtable" role="group" aria-labelledby={id + '-label'} aria-describedby={describedBy}>
      {rows.length > 0 && (
        <div className="sw-subtable-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col" className="sw-subtable-count">
                  <span className="sw-visually-hidden">{t('field.rowNumber')}</span>
                </th>
                {field.items.map((column) => (
                  <th key={column.key} scope="col" id={`${id}-${column.key}`} data-numeric={kindOf(column).numeric ? '' : undefined}>
                    {text(column.title)}
                    {column.required && <span className="sw-star">*</span>}
                  </th>
                ))}
                <th scope="col">
                  <span className="sw-visually-hidden">{t('field.rowActions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <tr key={index}>
                  <td className="sw-subtable-count">{index + 1}</td>
                  {field.items.map((column) => (
                    <td key={column.key} data-numeric={kindOf(column).numeric ? '' : undefined}>
                      <CellEditor props={props} column={column} row={row} index={index} touch={false} onChange={(cell) => set(index, column.key, cell)} />
                    </td>
                  ))}
                  <td className="sw-subtable-actions">
                    <IconButton icon="copy" size="small" label={t('field.copyRow', { row: index + 1 })} onClick={() => copy(index)} />
                    <IconButton icon="trash" size="small" label={t('field.removeRow', { row: index + 1 })} onClick={() => remove(index)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.flatMap((_, index) =>
        rowMessages(messages, index).map((message) => (
          <p key={`${String(index)}${message}`} className="sw-message">
            {t('field.rowMessage', { row: index + 1, message })}
          </p>
        )),
      )}
      <Button id={id} size="small" icon="plus" kind="quiet" onClick={add}>
        {t('field.addRow')}
      </Button>
    </div>
  );
}

interface CellEditorProps {
  props: EditorProps;
  column: Field;
  row: Row;
  index: number;
  touch: boolean;
  onChange: (cell: unknown) => void;
}

function CellEditor({ props, column, row, index, touch, onChange }: CellEditorProps): ReactNode {
  const { kindOf } = useFieldHost();
  const text = useText();
  const kind = kindOf(column);
  const Editor = touch ? kind.Touch : kind.Desk;
  const id = `${props.id}-${String(index)}-${column.key}`;
  const messages = cellMessages(props.messages, index, column.key);
  const own = messages.filter(({ pointer }) => pointer === '');
  const described = own.length > 0 ? id + '-message' : undefined;
  return (
    <div className="sw-cell">
      <label id={id + '-label'} htmlFor={kind.group ? undefined : id} className={touch ? 'sw-field-label' : 'sw-visually-hidden'}>
        {text(column.title)}
        {touch && column.required && <span className="sw-star">*</span>}
      </label>
      <Editor
        field={column}
        value={row[column.key]}
        onChange={onChange}
        id={id}
        describedBy={described}
        required={column.required}
        invalid={messages.length > 0}
        messages={messages}
        path={`${props.path}.${column.key}`}
      />
      {own.length > 0 && (
        <p id={described} className="sw-message">
          {own.map(({ message }) => message).join(' ')}
        </p>
      )}
    </div>
  );
}

function SubTableTouch(props: EditorProps): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const { field, id, describedBy, messages } = props;
  const { rows, set, add, remove } = useRows(props);
  const [open, setOpen] = useState<number>();
  const row = open === undefined ? undefined : rows[open];
  return (
    <div className="sw-subtable" role="group" aria-labelledby={id + '-label'} aria-describedby={describedBy}>
      <ol className="sw-cards">
        {rows.map((one, index) => {
          const wrong = messages.some(({ pointer }) => pointer === `/${String(index)}` || pointer.startsWith(`/${String(index)}/`));
          return (
            <li key={index}>
              <button type="button" className="sw-card" data-invalid={wrong ? '' : undefined} onClick={() => setOpen(index)}>
                <RowSummary field={field} row={one} index={index} />
                <Icon name={wrong ? 'alert' : 'chevronRight'} />
              </button>
            </li>
          );
        })}
      </ol>
      <Button
        id={id}
        icon="plus"
        wide
        onClick={() => {
          add();
          setOpen(rows.length);
        }}
      >
        {t('field.addRow')}
      </Button>
      {open !== undefined && row && (
        <Sheet
          title={`${text(field.title)} ${String(open + 1)}`}
          onClose={() => setOpen(undefined)}
          footer={
            <>
              <Button
                icon="trash"
                onClick={() => {
                  remove(open);
                  setOpen(undefined);
                }}
              >
                {t('action.delete')}
              </Button>
              <Button kind="primary" onClick={() => setOpen(undefined)}>
                {t('action.done')}
              </Button>
            </>
          }
        >
          <div className="sw-section-fields">
            {field.items.map((column) => (
              <CellEditor key={column.key} props={props} column={column} row={row} index={open} touch onChange={(cell) => set(open, column.key, cell)} />
            ))}
          </div>
        </Sheet>
      )}
    </div>
  );
}

// RowSummary is a row in a few words: the first columns that have something in them.
function RowSummary({ field, row, index }: { field: Field; row: Row; index: number }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const [head, ...rest] = field.items.filter((column) => !isEmpty(row[column.key])).slice(0, shownOnCard + 1);
  return (
    <span className="sw-card-text">
      <span className="sw-card-head">{head ? <CellShown column={head} row={row} /> : t('field.emptyRow', { row: index + 1 })}</span>
      {rest.length > 0 && (
        <span className="sw-card-rest">
          {rest.map((column) => (
            <span key={column.key}>
              {text(column.title)} <CellShown column={column} row={row} />
            </span>
          ))}
        </span>
      )}
    </span>
  );
}

function CellShown({ column, row }: { column: Field; row: Row }): ReactNode {
  const { kindOf } = useFieldHost();
  const value = row[column.key];
  if (isEmpty(value)) return null;
  const { Cell } = kindOf(column);
  return <Cell field={column} value={value} />;
}

function SubTableRead({ field, value }: ReadProps): ReactNode {
  const { kindOf } = useFieldHost();
  const text = useText();
  const rows = rowsOf(value);
  return (
    // It may scroll, so the keyboard must reach it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="sw-subtable-scroll" role="region" aria-label={text(field.title)} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {field.items.map((column) => (
              <th key={column.key} scope="col" data-numeric={kindOf(column).numeric ? '' : undefined}>
                {text(column.title)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {field.items.map((column) => (
                <td key={column.key} data-numeric={kindOf(column).numeric ? '' : undefined}>
                  <CellShown column={column} row={row} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SubTableCell({ value }: ReadProps): ReactNode {
  const { t } = useTranslation();
  return <>{t('field.rows', { count: rowsOf(value).length })}</>;
}

export const subTable: FieldKind = { Desk: SubTableDesk, Touch: SubTableTouch, Read: SubTableRead, Cell: SubTableCell, wide: true, group: true };
