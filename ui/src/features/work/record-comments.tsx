import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, body, type Schemas } from '@/shared/client/client';
import { asProblem } from '@/shared/client/problem';
import { fileHref, upload } from '@/shared/client/upload';
import type { FileRef } from '@/shared/definition/form';
import type { Text } from '@/shared/definition/text';
import { useTimeWords } from '@/shared/i18n/time';
import { useText } from '@/shared/i18n/use-text';
import { PersonName } from '@/shared/kit/avatar';
import { Button } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import { ErrorState, SkeletonRows } from '@/shared/kit/states';
import { toast } from '@/shared/kit/toast';
import { PeoplePicker, type Chosen } from '@/shared/people/people-picker';
import type { RecordView } from './record-view';
import './record-comments.css';

const pageSize = 20;

// RecordComments is what people say to each other about a record, newest first, and a place to say something.
export function RecordComments({ record: { app, form, id } }: { record: Pick<RecordView, 'app' | 'form' | 'id'> }): ReactNode {
  const { t } = useTranslation();
  const comments = useInfiniteQuery({
    queryKey: ['actions', app, form, id, 'comments'],
    queryFn: ({ pageParam }) =>
      body(api.GET('/apps/{app}/forms/{form}/records/{id}/comments', { params: { path: { app, form, id }, query: { limit: pageSize, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  });
  const names = useMemo(() => Object.assign({}, ...(comments.data?.pages ?? []).map((page) => page.names)) as Record<string, Text>, [comments.data]);
  const items = comments.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="sw-comments">
      <Composer app={app} form={form} id={id} />
      {comments.isError ? (
        <ErrorState error={comments.error} onRetry={() => void comments.refetch()} />
      ) : !comments.data ? (
        <SkeletonRows rows={2} />
      ) : (
        <ul className="sw-comments-list">
          {items.map((one) => (
            <Said key={one.id} comment={one} names={names} />
          ))}
        </ul>
      )}
      {comments.hasNextPage && (
        <Button size="small" busy={comments.isFetchingNextPage} onClick={() => void comments.fetchNextPage()}>
          {t('log.more')}
        </Button>
      )}
    </div>
  );
}

function Said({ comment: { at, by, text: said, mentions = [], files = [] }, names }: { comment: Schemas['Comment']; names: Readonly<Record<string, Text>> }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const words = useTimeWords();
  const nameOf = (id: string) => text(names[id]) || id;
  return (
    <li>
      <div className="sw-comments-head">
        <PersonName name={nameOf(by)} size={20} />
        <time className="sw-help" dateTime={at}>
          {words.ago(at)}
        </time>
      </div>
      {said && <p className="sw-comments-said">{said}</p>}
      {mentions.length > 0 && <p className="sw-help">{t('comments.told', { names: mentions.map((id) => '@' + nameOf(id)).join(' ') })}</p>}
      {files.map((file) => (
        <a key={file.id} href={fileHref(file.id, true)} download={file.name} className="sw-comments-file">
          <Icon name="paperclip" size={14} />
          <span className="sw-ellipsis">{file.name}</span>
        </a>
      ))}
    </li>
  );
}

function Composer({ app, form, id: record }: { app: string; form: string; id: string }): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const queries = useQueryClient();
  const [said, setSaid] = useState('');
  const [mentioned, setMentioned] = useState<readonly Chosen[]>([]);
  const [choosing, setChoosing] = useState(false);
  const [files, setFiles] = useState<readonly FileRef[]>([]);
  const [sending, setSending] = useState(0);
  const picker = useRef<HTMLInputElement>(null);
  const say = useMutation({
    mutationFn: () =>
      body(
        api.POST('/apps/{app}/forms/{form}/records/{id}/comments', {
          params: { path: { app, form, id: record } },
          body: { text: said.trim(), mentions: mentioned.map((one) => one.id), files: [...files] },
        }),
      ),
    onSuccess: async ({ notTold = [] }) => {
      setSaid('');
      setMentioned([]);
      setFiles([]);
      setChoosing(false);
      const missed = mentioned.filter((one) => notTold.includes(one.id)).map(({ name }) => name);
      if (missed.length > 0) toast.info(t('comments.notTold', { names: missed.join(t('log.and')) }));
      else toast.good(t('comments.sent'));
      await queries.invalidateQueries({ queryKey: ['actions', app, form, record] });
    },
    onError: toast.problem,
  });
  const attach = async (chosen: FileList | null) => {
    for (const file of chosen ?? []) {
      setSending((n) => n + 1);
      try {
        const stored = await upload({ app, form, field: '@comments', record, data: {} }, file, () => undefined, new AbortController().signal);
        setFiles((have) => [...have, stored]);
      } catch (error) {
        toast.problem(asProblem(error));
      } finally {
        setSending((n) => n - 1);
      }
    }
    if (picker.current) picker.current.value = '';
  };
  const empty = said.trim() === '' && files.length === 0;
  const send = () => {
    if (!empty && sending === 0 && !say.isPending) say.mutate();
  };
  return (
    <div className="sw-comments-new">
      <label className="sw-visually-hidden" htmlFor={id}>
        {t('comments.write')}
      </label>
      <textarea
        id={id}
        className="sw-input"
        rows={2}
        maxLength={4000}
        placeholder={t('comments.placeholder')}
        value={said}
        onChange={(event) => {
          setSaid(event.target.value);
          if (event.target.value.endsWith('@')) setChoosing(true);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
        }}
      />
      {(choosing || mentioned.length > 0) && <PeoplePicker title={t('comments.mention')} chosen={mentioned} onChange={setMentioned} />}
      {files.length > 0 && (
        <ul className="sw-comments-files">
          {files.map((file) => (
            <li key={file.id}>
              <button type="button" className="sw-chip" aria-label={t('pick.remove', { name: file.name })} onClick={() => setFiles(files.filter((other) => other !== file))}>
                <span className="sw-ellipsis">{file.name}</span>
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <input ref={picker} type="file" multiple hidden onChange={(event) => void attach(event.target.files)} />
      <div className="sw-comments-tools">
        <Button size="small" icon="people" aria-expanded={choosing} onClick={() => setChoosing(!choosing)}>
          {t('comments.mention')}
        </Button>
        <Button size="small" icon="paperclip" busy={sending > 0} onClick={() => picker.current?.click()}>
          {t('comments.attach')}
        </Button>
        <Button size="small" kind="primary" busy={say.isPending} disabled={empty} onClick={send}>
          {t('comments.send')}
        </Button>
      </div>
    </div>
  );
}
