import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldProblem } from '@/shared/client/problem';
import { fieldsOf } from '@/shared/definition/fields';
import type { Field, FieldAccess, FormDefinition, JsonSchema, RecordData } from '@/shared/definition/form';
import { now } from '@/shared/clock';
import { usePrefs } from '@/shared/prefs';
import { changesOf, derive, same, type Derived, type Vars } from './model';
import { ruleRunner } from './rules';
import { discardUnsent, loadUnsent, saveUnsent } from './unsent';
import { useLinks } from './use-links';
import { useSchemaProblems } from './use-schema-problems';
import { crossCheck, placed, validate } from './validate';

export interface RecordFormOptions {
  app: string;
  form: FormDefinition;
  validationSchema: JsonSchema;
  access: Readonly<Record<string, FieldAccess>>;
  // base is the record's data as the server has it; {} (or its defaults) for a new one.
  base: RecordData;
  rev: number;
  vars: Pick<Vars, 'record' | 'user'>;
  // links is the data of linked records as it came with the record; what is chosen later is asked for.
  links?: Record<string, RecordData>;
  // unsentKey says where unsent input is kept; without one it is not.
  unsentKey?: string | undefined;
}

export interface RecordForm {
  form: FormDefinition;
  fields: readonly Field[];
  values: RecordData;
  derived: Derived;
  links: Record<string, RecordData>;
  dirty: boolean;
  set: (key: string, value: unknown) => void;
  visit: (key: string) => void;
  // problems are those to show now: of fields that were left, all after a first attempt, and the server's.
  problems: readonly FieldProblem[];
  attempted: boolean;
  // stumbles counts how often sending failed, so that the page can lead to what is wrong each time.
  stumbles: number;
  // holds tells whether a rule is true of what is filled in.
  holds: (rule: string) => boolean;
  // attempt checks everything and gives the data to send, or undefined when something is wrong.
  attempt: () => { data: RecordData; changes: RecordData } | undefined;
  // changes is what to send to keep the input as it is, checked or not.
  changes: () => RecordData;
  // refuse places what the server found.
  refuse: (problems: readonly FieldProblem[]) => void;
  // sent forgets the kept input once the server has it.
  sent: () => void;
  uploads: number;
  busy: (path: string, count: number) => void;
  restored: { at: number; outdated: boolean } | undefined;
  keepRestored: () => void;
  discard: () => void;
  // unsafe: this device cannot keep unsent input.
  unsafe: boolean;
}

const pause = 300;
const noLinks: Record<string, RecordData> = {};

// useRecordForm holds one record while somebody fills it.
export function useRecordForm(options: RecordFormOptions): RecordForm {
  const { app, form, validationSchema, access, base, rev, vars, links: given = noLinks, unsentKey } = options;
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const fields = useMemo(() => fieldsOf(form.schema), [form.schema]);
  const evaluate = useMemo(() => ruleRunner(fields), [fields]);
  const check = useSchemaProblems(validationSchema);

  const [kept] = useState(() => (unsentKey === undefined ? undefined : loadUnsent(unsentKey)));
  const [edits, setEdits] = useState<RecordData>(() => kept?.values ?? {});
  const [restored, setRestored] = useState(kept && { at: kept.at, outdated: kept.rev !== rev });
  const [visited, setVisited] = useState<ReadonlySet<string>>(new Set());
  const [attempted, setAttempted] = useState(false);
  const [stumbles, setStumbles] = useState(0);
  const [refused, setRefused] = useState<readonly FieldProblem[]>([]);
  const [uploading, setUploading] = useState<Readonly<Record<string, number>>>({});
  const [unsafe, setUnsafe] = useState(false);

  const values = useMemo(() => ({ ...base, ...edits }), [base, edits]);
  const links = useLinks(app, fields, values, base, given);
  const others = useMemo(() => ({ ...vars, link: links }), [vars, links]);
  const derived = useMemo(
    () => derive(fields, values, access, { ...others, now: new Date(now()) }, evaluate),
    [fields, values, access, others, evaluate],
  );
  const found = useMemo(() => {
    const wrong = validate(fields, derived, check, { t, language });
    const crossed = crossCheck(form.rules ?? [], { ...others, form: derived.data, now: new Date(now()) }, evaluate, language);
    return [...wrong, ...crossed.filter((one) => !wrong.some((other) => other.pointer === one.pointer))];
  }, [fields, derived, check, t, language, form.rules, others, evaluate]);

  const problems = useMemo(() => {
    // A field somebody merely passed by is not yet missing.
    const shown = attempted ? found : found.filter(({ pointer, code }) => visited.has(keyOf(pointer)) && !code.startsWith('form.required'));
    return [...shown, ...refused.filter((one) => !shown.some((other) => other.pointer === one.pointer))];
  }, [attempted, found, visited, refused]);

  const dirty = Object.entries(edits).some(([key, value]) => !same(value ?? null, base[key] ?? null));
  const pending = useRef<ReturnType<typeof setTimeout>>(undefined);
  const flush = useRef(() => {});
  useEffect(() => {
    flush.current = () => {
      clearTimeout(pending.current);
      if (unsentKey === undefined || Object.keys(edits).length === 0) return;
      if (!dirty) discardUnsent(unsentKey);
      else setUnsafe(!saveUnsent(unsentKey, { at: Date.now(), rev, values: nullsFor(edits) }));
    };
    if (Object.keys(edits).length > 0) pending.current = setTimeout(() => flush.current(), pause);
    return () => clearTimeout(pending.current);
  }, [edits, dirty, rev, unsentKey]);
  useEffect(() => {
    const leave = () => flush.current();
    window.addEventListener('pagehide', leave);
    document.addEventListener('visibilitychange', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      document.removeEventListener('visibilitychange', leave);
      leave();
    };
  }, []);

  const forget = useCallback(() => {
    clearTimeout(pending.current);
    flush.current = () => {};
    if (unsentKey !== undefined) discardUnsent(unsentKey);
    setEdits({});
    setRestored(undefined);
    setAttempted(false);
    setVisited(new Set());
    setRefused([]);
  }, [unsentKey]);

  return {
    form,
    fields,
    values,
    derived,
    links,
    dirty,
    set: useCallback((key: string, value: unknown) => {
      setEdits((before) => ({ ...before, [key]: value ?? null }));
      setRefused((before) => before.filter(({ pointer }) => keyOf(pointer) !== key && pointer !== ''));
    }, []),
    visit: useCallback((key: string) => setVisited((before) => (before.has(key) ? before : new Set(before).add(key))), []),
    problems,
    attempted,
    stumbles,
    holds: useCallback(
      (rule: string) => {
        try {
          return evaluate(rule, { ...others, form: derived.data, now: new Date(now()) }) === true;
        } catch {
          return false;
        }
      },
      [evaluate, others, derived],
    ),
    attempt: () => {
      setAttempted(true);
      setRefused([]);
      if (found.length > 0) setStumbles((count) => count + 1);
      return found.length > 0 ? undefined : { data: writable(derived), changes: changesOf(base, derived) };
    },
    changes: () => changesOf(base, derived),
    refuse: (sent) => {
      setAttempted(true);
      setRefused(placed(sent));
      setStumbles((count) => count + 1);
    },
    sent: forget,
    uploads: Object.values(uploading).reduce((sum, count) => sum + count, 0),
    busy: useCallback((path: string, count: number) => {
      setUploading((before) => ((before[path] ?? 0) === count ? before : { ...before, [path]: count }));
    }, []),
    restored,
    keepRestored: () => setRestored(undefined),
    discard: forget,
    unsafe,
  };
}

// keyOf is the field a pointer leads into.
export function keyOf(pointer: string): string {
  return (pointer.split('/')[1] ?? '').replaceAll('~1', '/').replaceAll('~0', '~');
}

function writable({ data, states }: Derived): RecordData {
  return Object.fromEntries(Object.entries(data).filter(([key]) => states[key]?.writable));
}

// JSON drops undefined, which would bring an emptied field back.
function nullsFor(edits: RecordData): RecordData {
  return Object.fromEntries(Object.entries(edits).map(([key, value]) => [key, value ?? null]));
}
