import { api } from '@/shared/client/client';
import { upload } from '@/shared/client/upload';
import type { Answer } from './ask-sheet';
import type { DecisionBody } from './decide';
import type { Task } from './record-view';
import type { Ink } from './signature';
import { pictureOf } from './signature-pad';

// bodyOf is what an answer says, with the proofs that the step asks for.
export async function bodyOf({ text: comment, to, then, users, where, for: part, ink, password }: Answer, task: Task): Promise<DecisionBody> {
  const signed = ink && (await sign(ink, task));
  const proof = password && (await prove(password, task.id));
  return {
    ...(comment && { comment }),
    ...(to && { to }),
    ...(then && { then }),
    ...(users.length > 0 && { users: [...users] }),
    ...(where && { where }),
    ...(part && { for: part }),
    ...(signed && { signature: signed }),
    ...(proof && { proof }),
  };
}

// sign stores a signature as a picture beside the record.
async function sign(ink: Ink, { app, form, record }: Task): Promise<string> {
  const file = await upload({ app, form, field: '@signature', record, data: {} }, await pictureOf(ink), () => undefined, new AbortController().signal);
  return file.id;
}

// prove shows the server a password again, for a decision on one task.
async function prove(password: string, task: string): Promise<string> {
  const { data } = await api.POST('/session/confirm', { body: { password, tasks: [task] } });
  return data?.proof ?? '';
}
