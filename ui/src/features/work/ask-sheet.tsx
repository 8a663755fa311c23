import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { FormRenderer } from '@/features/form/form-renderer';
import { useApiFieldHost } from '@/features/form/use-api-field-host';
import { useRecordForm } from '@/features/form/use-record-form';
import { asProblem } from '@/shared/client/problem';
import type { FormDefinition, JsonSchema } from '@/shared/definition/form';
import type { Text } from '@/shared/definition/text';
import { Button } from '@/shared/kit/button';
import { Sheet } from '@/shared/kit/sheet';

export interface Answer {
  text?: string;
  to?: string;
  user?: string;
}

export interface AskSheetProps {
  app: string;
  title: string;
  note?: string | undefined;
  action: string;
  danger?: boolean;
  // What is asked: a text, one of some steps, a colleague.
  text: { title: string; required: boolean };
  to?: { title: string; steps: readonly { block: string; title: Text }[] } | undefined;
  user?: { title: string } | undefined;
  // onSend may throw; what is wrong is then shown here and the answer can be mended.
  onSend: (answer: Answer) => Promise<void>;
  onClose: () => void;
}

const nothing = {};
const vars = { record: {}, user: {} };

// AskSheet asks for what goes with a decision.
export function AskSheet({ app, title, note, action, danger = false, text, to, user, onSend, onClose }: AskSheetProps): ReactNode {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const form = useMemo(() => questions(title, { text, to, user }), [title, text, to, user]);
  const base = useMemo(() => (to?.steps.length === 1 && to.steps[0] ? { to: to.steps[0].block } : nothing), [to]);
  const state = useRecordForm({ app, form, validationSchema: form.schema, access: nothing, base, rev: 0, vars });
  const host = useApiFieldHost({ app, form: 'decision', read: () => state });
  const send = async () => {
    const ready = state.attempt();
    if (!ready || busy) return;
    setBusy(true);
    try {
      await onSend(ready.data);
    } catch (error) {
      const { title: said, detail, code } = asProblem(error);
      state.refuse([{ pointer: '', code, message: [said, detail].filter(Boolean).join(' ') }]);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Sheet
      title={title}
      onClose={onClose}
      width={460}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind={danger ? 'danger' : 'primary'} busy={busy} onClick={() => void send()}>
            {action}
          </Button>
        </>
      }
    >
      {note && <p className="sw-ask-note">{note}</p>}
      <FormRenderer form={state} host={host} onSubmit={() => void send()} />
    </Sheet>
  );
}

function questions(title: string, { text, to, user }: Pick<AskSheetProps, 'text' | 'to' | 'user'>): FormDefinition {
  const properties: Record<string, JsonSchema> = {};
  if (to) {
    const steps = to.steps.map(({ block, title: label }) => ({ value: block, label }));
    properties.to = { 'x-field': 'singleChoice', 'x-title': to.title, 'x-options': steps, type: 'string', enum: steps.map(({ value }) => value) };
  }
  if (user) properties.user = { 'x-field': 'person', 'x-title': user.title, type: 'string' };
  properties.text = { 'x-field': 'longText', 'x-title': text.title, type: 'string', maxLength: 4000 };
  const required = [...(to ? ['to'] : []), ...(user ? ['user'] : []), ...(text.required ? ['text'] : [])];
  return { kind: 'form', key: 'decision', title, schema: { type: 'object', properties, required } };
}
