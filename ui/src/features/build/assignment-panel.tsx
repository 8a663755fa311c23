import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, body, type Schemas } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import type { Text } from '@/shared/definition/text';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { Button } from '@/shared/kit/button';
import { Chip } from '@/shared/kit/chip';
import { Icon } from '@/shared/kit/icon';
import { EmptyState } from '@/shared/kit/states';
import { routes } from '@/shared/routes';
import './assignment.css';
import { readAssignment, useRuleWords, type Assignment } from './assignment-words';

type Simulation = Schemas['Simulation'];

interface AssignmentPanelProps {
  app: string;
  definitionKey: string;
  document: Record<string, unknown>;
}

// AssignmentPanel says what an assignment means, and tries it on records of the past before it is published.
export function AssignmentPanel({ app, definitionKey, document }: AssignmentPanelProps): ReactNode {
  const rule = readAssignment(document);
  return (
    <div className="sw-assignment">
      <Rules rule={rule} />
      <Trial app={app} definitionKey={definitionKey} document={document} form={rule.form} />
    </div>
  );
}

function Rules({ rule }: { rule: Assignment }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useRuleWords();
  return (
    <section className="sw-panel" aria-label={t('assignment.rules')}>
      <div className="sw-panel-head">
        <h2>{t('assignment.rules')}</h2>
      </div>
      <ol className="sw-assignment-rules">
        {rule.categories.map((category, index) => (
          <li key={category.key || index}>
            <strong>{text(category.title) || category.key}</strong>
            <span className="sw-help">{category.when ? <code>{category.when}</code> : t('assignment.always')}</span>
            <ol>
              {category.strategies.map((strategy, at) => (
                <li key={at}>
                  {words.strategy(strategy)}
                  {strategy.rows.length > 0 && (
                    <ul>
                      {strategy.rows.map((row, nth) => (
                        <li key={nth}>{words.row(row)}</li>
                      ))}
                    </ul>
                  )}
                </li>
              ))}
            </ol>
          </li>
        ))}
      </ol>
      {words.limits(rule).map((line) => (
        <p key={line} className="sw-assignment-limit">
          <Icon name="info" size={16} /> {line}
        </p>
      ))}
    </section>
  );
}

// daysAgo is a day as a date field holds it.
function daysAgo(days: number): string {
  const day = new Date();
  day.setDate(day.getDate() - days);
  return `${String(day.getFullYear())}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`;
}

function Trial({ app, definitionKey, document, form }: AssignmentPanelProps & { form: string }): ReactNode {
  const { t } = useTranslation();
  const [from, setFrom] = useState(() => daysAgo(30));
  const [to, setTo] = useState(() => daysAgo(-1));
  const simulate = useMutation({
    mutationFn: () =>
      body(
        api.POST('/apps/{app}/assignments/{key}/simulate', {
          params: { path: { app, key: definitionKey } },
          body: { definition: document as Record<string, never>, from: new Date(`${from}T00:00`).toISOString(), to: new Date(`${to}T00:00`).toISOString() },
        }),
      ),
  });
  const refused = simulate.error ? asProblem(simulate.error) : undefined;
  return (
    <section className="sw-panel" aria-label={t('assignment.try')}>
      <div className="sw-panel-head">
        <h2>{t('assignment.try')}</h2>
      </div>
      <p className="sw-help sw-assignment-note">{t('assignment.tryHelp')}</p>
      <form
        className="sw-assignment-period"
        onSubmit={(event) => {
          event.preventDefault();
          simulate.mutate();
        }}
      >
        <label>
          <span>{t('assignment.from')}</span>
          <input className="sw-input" type="date" required value={from} onChange={(event) => setFrom(event.target.value)} />
        </label>
        <label>
          <span>{t('assignment.until')}</span>
          <input className="sw-input" type="date" required value={to} onChange={(event) => setTo(event.target.value)} />
        </label>
        <Button type="submit" kind="primary" busy={simulate.isPending}>
          {t('assignment.run')}
        </Button>
      </form>
      {refused && (
        <div className="sw-message" role="alert">
          <Icon name="alert" size={16} /> {refused.title}
          <ul>
            {refused.errors.map((one) => (
              <li key={one.pointer + one.code}>
                <code>{one.pointer || '/'}</code> {one.message}
              </li>
            ))}
          </ul>
        </div>
      )}
      {simulate.data && <Outcome report={simulate.data} app={app} form={form} />}
    </section>
  );
}

const shownRows = 200;

function Outcome({ report, app, form }: { report: Simulation; app: string; form: string }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const [onlyOthers, setOnlyOthers] = useState(false);
  if (report.items.length === 0) return <EmptyState icon="search" title={t('assignment.noRecords')} />;
  const nameOf = (owner: string | undefined, pool: boolean | undefined) => (pool ? t('pool.title') : owner ? text((report.names as Record<string, Text>)[owner]) || owner : t('assignment.nobody'));
  const shown = report.items.filter(({ differs }) => !onlyOthers || differs);
  return (
    <div role="status">
      <p className="sw-assignment-note">
        {t('assignment.tried', { count: report.items.length, differ: report.differences })} {report.more && t('assignment.more')}
      </p>
      <div className="sw-assignment-scroll">
        <table className="sw-assignment-table">
          <thead>
            <tr>
              <th scope="col">{t('assignment.person')}</th>
              <th scope="col">{t('assignment.would')}</th>
              <th scope="col">{t('assignment.was')}</th>
            </tr>
          </thead>
          <tbody>
            {report.totals.map(({ owner, pool, would, was }) => (
              <tr key={`${owner}/${String(pool)}`}>
                <th scope="row">{nameOf(owner, pool)}</th>
                <td>{would}</td>
                <td>{was}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <label className="sw-assignment-only">
        <input type="checkbox" checked={onlyOthers} onChange={(event) => setOnlyOthers(event.target.checked)} /> {t('assignment.onlyDifferent')}
      </label>
      <ul className="sw-assignment-items">
        {shown.slice(0, shownRows).map((one) => (
          <li key={one.id}>
            <span className="sw-assignment-head">
              <Link to={routes.record(app, form, one.id ?? '')}>{one.title}</Link>
              {one.differs && <Chip tone="warn">{t('assignment.differs', { before: nameOf(one.was?.owner, one.was?.pool) })}</Chip>}
              <span className="sw-faint">{one.createdAt && words.moment(one.createdAt)}</span>
            </span>
            <span>{text(one.text)}</span>
          </li>
        ))}
      </ul>
      {shown.length > shownRows && <p className="sw-assignment-note">{t('assignment.notShown', { count: shown.length - shownRows })}</p>}
    </div>
  );
}
