import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatBytes } from '@/shared/i18n/numbers';
import { Button, IconButton } from '@/shared/kit/button';
import { Icon } from '@/shared/kit/icon';
import type { FileRef, FileRule } from '@/shared/definition/form';
import { useFieldHost } from '../host';
import type { EditorProps } from '../kind';
import { checkFile, takesPictures, typeNamesOf, usualMaxCount, type FileRefusal } from './file-check';
import { refsOf } from './refs';
import { useUploads, type Upload } from './use-uploads';

interface FileEditorProps extends EditorProps {
  touch: boolean;
  name: (file: FileRef) => ReactNode;
}

// FileEditor sends files as soon as they are chosen, so that submitting the form is quick and refusals come early.
export function FileEditor({ field, value, onChange, id, describedBy, invalid, path, touch, name }: FileEditorProps): ReactNode {
  const { t } = useTranslation();
  const host = useFieldHost();
  const words = useRuleWords();
  const rule: FileRule = field.file ?? {};
  const most = rule.maxCount ?? usualMaxCount;
  const files = refsOf(value);
  // Several uploads may end before the form renders again; each adds to what the one before left.
  const latest = useRef(files);
  useEffect(() => {
    latest.current = refsOf(value);
  }, [value]);
  const put = (next: FileRef[]) => {
    latest.current = next;
    onChange(next.length === 0 ? undefined : next);
  };
  const { uploads, start, refuse, retry, drop } = useUploads(path, (stored) => put([...latest.current, stored]));
  const [over, setOver] = useState(false);

  const namePart = rule.nameContains === undefined ? undefined : host.lookup(rule.nameContains);
  const add = (chosen: FileList | null) => {
    let room = most - latest.current.length - uploads.filter((upload) => !upload.failed).length;
    for (const one of chosen ?? []) {
      const refusal = checkFile(one, rule, namePart);
      if (refusal) refuse(one, words.refusal(refusal));
      else if (room <= 0) refuse(one, t('file.tooMany', { count: most }));
      else {
        room -= 1;
        start(one);
      }
    }
  };
  const full = files.length >= most;

  return (
    <div
      className="sw-filebox"
      role="group"
      aria-labelledby={id + '-label'}
      aria-describedby={describedBy}
      data-over={over ? '' : undefined}
      data-invalid={invalid ? '' : undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        add(event.dataTransfer.files);
      }}
    >
      {(files.length > 0 || uploads.length > 0) && (
        <ul className="sw-files">
          {files.map((file) => (
            <li key={file.id} className="sw-file">
              {name(file)}
              <IconButton icon="close" size="small" label={t('file.remove', { name: file.name })} onClick={() => put(files.filter((one) => one.id !== file.id))} />
            </li>
          ))}
          {uploads.map((upload) => (
            <UploadLine key={upload.key} upload={upload} onRetry={() => retry(upload.key)} onDrop={() => drop(upload.key)} />
          ))}
        </ul>
      )}
      {!full && (
        <div className="sw-file-add">
          <PickButton id={id} rule={rule} multiple={most > 1} onPick={add} label={t('file.choose')} icon="upload" />
          {touch && takesPictures(rule) && <PickButton rule={{ types: ['image/*'] }} camera onPick={add} label={t('file.takePicture')} icon="camera" />}
          <span className="sw-file-rule">
            {[!touch && t('file.dropHere'), ...words.rule(rule, namePart)].filter(Boolean).join(t('file.and'))}
          </span>
        </div>
      )}
    </div>
  );
}

interface PickButtonProps {
  id?: string;
  rule: FileRule;
  label: string;
  icon: 'upload' | 'camera';
  multiple?: boolean;
  camera?: boolean;
  onPick: (files: FileList | null) => void;
}

function PickButton({ id, rule, label, icon, multiple = false, camera = false, onPick }: PickButtonProps): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button id={id} size="small" icon={icon} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={label}
        multiple={multiple}
        accept={rule.types?.join(',')}
        capture={camera ? 'environment' : undefined}
        onChange={(event) => {
          onPick(event.target.files);
          // The same file may be chosen again after it was refused and mended.
          event.target.value = '';
        }}
      />
    </>
  );
}

function UploadLine({ upload, onRetry, onDrop }: { upload: Upload; onRetry: () => void; onDrop: () => void }): ReactNode {
  const { t } = useTranslation();
  const { name, size, done, failed } = upload;
  return (
    <li className="sw-file" data-failed={failed ? '' : undefined}>
      <span className="sw-file-name">
        <Icon name={failed ? 'alert' : 'file'} size={16} />
        <span className="sw-file-what">
          <span className="sw-ellipsis">{name}</span>
          {failed ? (
            <span className="sw-message" role="alert">
              {failed.title} {failed.detail}
            </span>
          ) : (
            <progress value={done} max={1} aria-label={t('file.sending', { name })} />
          )}
        </span>
        <span className="sw-file-size">{formatBytes(size)}</span>
      </span>
      {failed?.again && <IconButton icon="refresh" size="small" label={t('file.sendAgain', { name })} onClick={onRetry} />}
      <IconButton icon="close" size="small" label={t('file.remove', { name })} onClick={onDrop} />
    </li>
  );
}

// useRuleWords words what a rule asks for, before and after somebody missed it.
function useRuleWords() {
  const { t } = useTranslation();
  const typeWords = (types: readonly string[]) => {
    const families = { image: t('file.image'), video: t('file.video'), audio: t('file.audio') };
    return typeNamesOf(types, families).join(t('file.or'));
  };
  return {
    refusal: (refusal: FileRefusal): string => {
      switch (refusal.code) {
        case 'empty':
          return t('file.empty');
        case 'tooLarge':
          return t('file.tooLarge', { limit: formatBytes(refusal.limit) });
        case 'wrongType':
          return t('file.wrongType', { types: typeWords(refusal.types) });
        case 'wrongName':
          return t('file.wrongName', { part: refusal.part });
      }
    },
    rule: (rule: FileRule, namePart: string | undefined): string[] => {
      const parts: string[] = [];
      if (rule.types && rule.types.length > 0) parts.push(typeWords(rule.types));
      if (rule.maxBytes !== undefined) parts.push(t('file.upTo', { limit: formatBytes(rule.maxBytes) }));
      if (namePart) parts.push(t('file.nameHas', { part: namePart }));
      return parts;
    },
  };
}
