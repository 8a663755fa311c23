import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Field, RecordData } from '@/shared/definition/form';
import { fileHref } from '@/shared/client/upload';
import { formatBytes } from '@/shared/i18n/numbers';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { PersonName } from '@/shared/kit/avatar';
import { Icon } from '@/shared/kit/icon';
import { routes } from '@/shared/routes';
import { filesOf, linksOf, type RecordView } from './record-view';
import './record-aside.css';

// RecordAbout is everything around a record but its fields: people, links and files.
export function RecordAbout({ record, fields }: { record: RecordView; fields: readonly Field[] }): ReactNode {
  const data = record.data as RecordData;
  return (
    <>
      <People record={record} />
      <Links record={record} links={linksOf(fields, data)} />
      <Files files={filesOf(fields, data)} />
    </>
  );
}

function Box({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const id = useId();
  return (
    <section className="sw-panel sw-about" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

function People({ record }: { record: RecordView }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const nameOf = (id: string) => text(record.names?.[id]) || id;
  return (
    <Box title={t('record.people')}>
      <dl className="sw-about-facts">
        <div>
          <dt>{t('record.owner')}</dt>
          <dd>
            {record.owner ? <PersonName name={nameOf(record.owner)} /> : t('record.inPool')}
            {record.assignment && <p className="sw-about-why">{t('record.why', { why: text(record.assignment.text) })}</p>}
            {record.claim?.dueAt && record.claim.touched !== true && <p className="sw-about-why">{t('record.takeBack', { when: words.moment(record.claim.dueAt) })}</p>}
          </dd>
        </div>
        {record.department && record.names?.[record.department] && (
          <div>
            <dt>{t('record.department')}</dt>
            <dd>{nameOf(record.department)}</dd>
          </div>
        )}
        {record.createdBy && record.createdBy !== record.owner && (
          <div>
            <dt>{t('record.createdBy')}</dt>
            <dd>
              <PersonName name={nameOf(record.createdBy)} />
            </dd>
          </div>
        )}
      </dl>
    </Box>
  );
}

function Links({ record, links }: { record: RecordView; links: ReturnType<typeof linksOf> }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  // A record that I may not see has no name here.
  const named = links.filter(({ id }) => record.names?.[id] !== undefined);
  if (named.length === 0) return null;
  return (
    <Box title={t('record.links')}>
      <ul className="sw-chips">
        {named.map(({ field, form, id }) => (
          <li key={field.key}>
            <Link to={routes.record(record.app, form, id)} className="sw-chip" data-tone="teal" title={text(field.title)}>
              <Icon name="link" size={14} />
              <span className="sw-ellipsis">{text(record.names?.[id])}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Box>
  );
}

function Files({ files }: { files: ReturnType<typeof filesOf> }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  return (
    <Box title={t('record.files')}>
      {files.length === 0 ? (
        <p className="sw-help">{t('record.noFiles')}</p>
      ) : (
        <ul className="sw-files">
          {files.map(({ field, file }) => (
            <li key={`${field.key}/${file.id}`}>
              <a href={fileHref(file.id, true)} download={file.name} aria-label={t('record.download', { name: file.name })}>
                <Icon name={file.type.startsWith('image/') ? 'image' : 'file'} />
                <span className="sw-files-what">
                  <span className="sw-ellipsis">{file.name}</span>
                  <span className="sw-help sw-ellipsis">
                    {text(field.title)} · {formatBytes(file.size)}
                  </span>
                </span>
                <Icon name="download" size={16} />
              </a>
            </li>
          ))}
        </ul>
      )}
    </Box>
  );
}
