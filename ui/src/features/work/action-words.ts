import type { TFunction } from 'i18next';
import type { Schemas } from '@/shared/client/client';
import type { Text } from '@/shared/definition/text';
import type { Tone } from '@/shared/kit/chip';
import type { IconName } from '@/shared/kit/icon';
import type { TimelineEntry } from '@/shared/kit/timeline';

export type Action = Schemas['Action'];
export type ActionEvent = Schemas['ActionEvent'];

export interface ActionWording {
  t: TFunction;
  text: (text: Text | undefined) => string;
  names: Readonly<Record<string, Text>>;
  moment: (iso: string) => string;
  outcome: (key: string) => string;
}

const icons = {
  create: 'plus',
  save: 'edit',
  submit: 'arrowRight',
  complete: 'check',
  approve: 'approval',
  reject: 'close',
  return: 'undo',
  move: 'board',
  withdraw: 'undo',
  override: 'flag',
  fire: 'clock',
  assign: 'person',
  delete: 'trash',
  abstain: 'minus',
  transfer: 'arrowRight',
  addSigner: 'plus',
  undo: 'undo',
  urge: 'bell',
  copy: 'mail',
  comment: 'comment',
  handOver: 'people',
  refresh: 'refresh',
  recalculate: 'calendar',
  tick: 'check',
  untick: 'minus',
  suspend: 'lock',
  resume: 'refresh',
  cancel: 'close',
  signal: 'info',
  answer: 'info',
  migrate: 'arrowRight',
  claim: 'person',
  takeBack: 'undo',
  reassign: 'people',
} satisfies Record<string, IconName>;

type Command = keyof typeof icons;

// An older interface may meet a command that it does not know.
function isCommand(name: string): name is Command {
  return Object.hasOwn(icons, name);
}

const tones: Partial<Record<Command, NonNullable<TimelineEntry['tone']>>> = { complete: 'good', approve: 'good', reject: 'bad', return: 'warn', withdraw: 'warn', override: 'warn', delete: 'bad', undo: 'warn', suspend: 'warn', cancel: 'bad', tick: 'good', takeBack: 'warn' };

const endings = { returned: 'warn', rejected: 'bad', withdrawn: 'warn', overridden: 'warn', overdue: 'bad', suspended: 'warn', cancelled: 'bad', failed: 'bad' } satisfies Record<string, Tone>;

export type Ending = keyof typeof endings;

// endingOf is how an action ended, where that is more than "done".
export function endingOf({ outcome = '' }: Action): { key: Ending; tone: Tone } | undefined {
  return Object.hasOwn(endings, outcome) ? { key: outcome as Ending, tone: endings[outcome as Ending] } : undefined;
}

export function lookOf(action: Action): { icon: IconName; tone: NonNullable<TimelineEntry['tone']> } {
  if (action.outcome === 'overdue') return { icon: 'alert', tone: 'bad' };
  const { command } = action;
  return isCommand(command) ? { icon: icons[command], tone: tones[command] ?? 'plain' } : { icon: 'info', tone: 'plain' };
}

// sentenceOf says who did what.
export function sentenceOf(action: Action, words: ActionWording): string {
  const { t, text } = words;
  const command = isCommand(action.command) ? action.command : 'other';
  const who = action.by ? nameOf(action.by, words) : t('log.system');
  const step = text(action.blockTitle) || text(action.events.find((event) => event.kind === 'taskClosed')?.blockTitle) || text(action.stageTitle) || t('log.someStep');
  return t(`log.did.${command}`, { who, step, command: action.command });
}

// eventLines say what the flow did next. What the sentence has said already, or what matters to the engine alone, is left out.
export function eventLines(action: Action, words: ActionWording): string[] {
  return action.events.flatMap((event) => eventLine(event, words) ?? []).filter((line, index, all) => all.indexOf(line) === index);
}

function eventLine(event: ActionEvent, words: ActionWording): string | string[] | undefined {
  const { t, text, moment, outcome } = words;
  const step = text(event.blockTitle) || t('log.someStep');
  const people = (event.assignees ?? []).map((id) => nameOf(id, words)).join(t('log.and')) || (event.user ? nameOf(event.user, words) : t('log.event.nobody'));
  switch (event.kind) {
    case 'stageEntered':
      return t('log.event.stageEntered', { step });
    case 'taskOpened':
      return t('log.event.taskOpened', { step, people });
    case 'taskAssigned':
      return t('log.event.taskAssigned', { step, people });
    case 'taskVoted':
      return [
        ...(event.result === undefined || event.result === 'approved' ? [t('log.event.taskVoted', { step, who: event.user ? nameOf(event.user, words) : t('log.system') })] : []),
        ...(inPlaceOf(event, words) ?? []),
      ];
    case 'taskClosed':
      if (event.result === 'cancelled') return t('log.event.taskCancelled', { step });
      if (event.result === 'lapsed') return t('log.event.taskLapsed', { step });
      return event.cause ? t(`log.cause.${event.cause}`) : inPlaceOf(event, words);
    case 'stepSkipped':
      return t('log.event.stepSkipped', { step, cause: event.cause ? t(`log.cause.${event.cause}`) : '' });
    case 'signerAdded':
      return t('log.event.signerAdded', { step, people: (event.users ?? event.assignees ?? []).map((id) => nameOf(id, words)).join(t('log.and')) });
    case 'urged':
      return t('log.event.urged', { people });
    case 'escalated':
      return t('log.event.escalated', { step });
    case 'deadlineMoved':
      return event.dueAt ? t('log.event.deadlineMoved', { step, when: moment(event.dueAt) }) : undefined;
    case 'deadlineMet':
      return t('log.event.deadlineMet', { step });
    case 'wentBack':
      return t('log.event.wentBack', { step });
    case 'ownerChanged':
      return t('log.event.ownerChanged');
    case 'deadlineSet':
      return event.dueAt ? t('log.event.deadlineSet', { step, when: moment(event.dueAt) }) : undefined;
    case 'deadlinePassed':
      return t('log.event.deadlinePassed', { step });
    case 'reminded':
      return event.assignees?.length ? t('log.event.reminded', { step, people }) : t('log.event.remindedAll', { step });
    case 'copySent':
      return t('log.event.copySent', { people });
    case 'returnedTo':
      return t('log.event.returnedTo', { step });
    case 'overridden':
      return t('log.event.overridden', { step });
    case 'flowEnded':
      return t('log.event.flowEnded', { outcome: outcome(event.outcome ?? '') });
    default:
      return undefined;
  }
}

// inPlaceOf says for whom a decision was given, where it was somebody else's.
function inPlaceOf(event: ActionEvent, words: ActionWording): string[] | undefined {
  return event.for && event.for !== event.user ? [words.t('log.event.inPlaceOf', { name: nameOf(event.for, words) })] : undefined;
}

function nameOf(id: string, { names, text }: ActionWording): string {
  return text(names[id]) || id;
}
