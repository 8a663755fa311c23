import { useMutation } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { discardUnsent, loadUnsent, saveUnsent, unsentKey } from '@/features/form/unsent';
import { placed, validate } from '@/features/form/validate';
import { isEmpty } from '@/fields/kind';
import { api, type Schemas } from '@/shared/client/client';
import { asProblem, type FieldProblem, type ProblemError } from '@/shared/client/problem';
import { fieldsOf } from '@/shared/definition/fields';
import type { Field, FormDefinition, RecordData } from '@/shared/definition/form';
import { usePrefs } from '@/shared/prefs';

export type QuickAsk = Schemas['QuickPage'];

// Codes that say that the link itself has come to its end.
const over = new Set(['quick.used', 'quick.movedOn', 'quick.expired', 'quick.revoked', 'quick.unknown']);

export interface QuickAnswer {
  fields: Field[];
  values: RecordData;
  comment: string;
  problems: readonly FieldProblem[]; // pointers lead into the data
  refused: ProblemError | undefined; // why it could not be sent, when it is about no field
  ended: ProblemError | undefined;
  busy: boolean;
  set: (key: string, value: unknown) => void;
  say: (comment: string) => void;
  send: () => boolean; // false: something is missing
}

const asked = { shown: true, writable: true, locked: false, required: true };

// useQuickAnswer holds what is filled in by a quick link until it is sent. A reload, or a phone that ran out of memory while
// its camera was open, loses nothing.
export function useQuickAnswer(token: string, page: QuickAsk, onSent: () => void): QuickAnswer {
  const { t } = useTranslation();
  const language = usePrefs((prefs) => prefs.language);
  const [id = ''] = token.split('-'); // what is kept on the device must not hold the key
  const key = unsentKey('quick', id, 'link', undefined);
  const definition = page.form as unknown as FormDefinition;
  const fields = useMemo(() => fieldsOf(definition.schema), [definition]);
  const [values, setValues] = useState<RecordData>(() => ({ ...(page.data as RecordData), ...loadUnsent(key)?.values }));
  const [comment, setComment] = useState('');
  const [problems, setProblems] = useState<readonly FieldProblem[]>([]);
  const [touched, setTouched] = useState(false);
  useEffect(() => {
    if (touched) saveUnsent(key, { at: Date.now(), rev: 0, values });
  }, [key, touched, values]);

  const data = () => Object.fromEntries(fields.filter((field) => !isEmpty(values[field.key])).map((field) => [field.key, values[field.key]]));
  const answer = useMutation({
    mutationFn: () => api.POST('/quick/{token}', { params: { path: { token } }, body: { data: data() as Record<string, never>, ...(comment.trim() && { comment: comment.trim() }) } }),
    onSuccess: () => {
      discardUnsent(key);
      onSent();
    },
    onError: (error) => setProblems(placed(asProblem(error).errors)),
  });
  const problem = answer.error ? asProblem(answer.error) : undefined;
  const ended = problem && over.has(problem.code) ? problem : undefined;
  return {
    fields,
    values,
    comment,
    problems,
    refused: problem && !ended && problem.errors.length === 0 ? problem : undefined,
    ended,
    busy: answer.isPending,
    set: (field, value) => {
      setTouched(true);
      setValues((before) => ({ ...before, [field]: value }));
      setProblems((before) => before.filter(({ pointer }) => pointer !== '/' + field && !pointer.startsWith(`/${field}/`)));
    },
    say: setComment,
    send: () => {
      const states = Object.fromEntries(fields.map((field) => [field.key, asked]));
      const missing = validate(fields, { data: data(), states }, undefined, { t, language });
      setProblems(missing);
      if (missing.length > 0 || answer.isPending) return false;
      answer.mutate();
      return true;
    },
  };
}
