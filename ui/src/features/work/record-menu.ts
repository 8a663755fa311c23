import type { TFunction } from 'i18next';
import type { Text } from '@/shared/definition/text';
import type { MenuItem } from './menu';
import type { RecordView, Task } from './record-view';
import type { Ask } from './use-record-actions';

interface RecordMenuOptions {
  record: RecordView;
  task: Task | undefined; // the one that is being worked on
  stages: boolean;
  t: TFunction;
  text: (text: Text | undefined) => string;
  open: (what: Ask['what'], task?: Task) => void;
  withdraw: () => void;
  resume: () => void;
  remove: () => void;
}

// recordMenu is what its reader may do with a record but seldom does: first with the task at hand, then with the record.
export function recordMenu({ record, task, stages, t, text, open, withdraw, resume, remove }: RecordMenuOptions): MenuItem[] {
  const { tasks = [], commands = [], status } = record;
  const can = (action: NonNullable<Task['actions']>[number]) => task?.actions?.includes(action) ?? false;
  const others = tasks.filter((one) => one.actions?.includes('assign') && !(one.id === task?.id && can('transfer')));
  const items: (MenuItem | false)[] = [
    can('abstain') && { key: 'abstain', title: t('record.do.abstain'), icon: 'minus', run: () => open('abstain') },
    can('transfer') && { key: 'transfer', title: t('record.do.transfer'), icon: 'arrowRight', run: () => open('transfer') },
    can('addSigner') && { key: 'addSigner', title: t('record.do.addSigner'), icon: 'plus', run: () => open('addSigner') },
    ...others.map((one): MenuItem => ({
      key: 'assign' + one.id,
      title: others.length > 1 ? t('record.do.assignTask', { step: text(one.title) }) : t('record.do.assign'),
      icon: 'person',
      run: () => open('assign', one),
    })),
    status !== 'draft' && { key: 'copy', title: t('record.do.copy'), icon: 'mail', run: () => open('copy') },
    commands.includes('withdraw') && { key: 'withdraw', title: t('record.do.withdraw'), icon: 'undo', run: withdraw },
    commands.includes('resume') && { key: 'resume', title: t('record.do.resume'), icon: 'refresh', run: resume },
    commands.includes('suspend') && { key: 'suspend', title: t('record.do.suspend'), icon: 'lock', run: () => open('suspend') },
    commands.includes('override') && stages && { key: 'override', title: t('record.do.override'), icon: 'flag', run: () => open('override') },
    commands.includes('cancel') && { key: 'cancel', title: t('record.do.cancel'), icon: 'close', danger: true, run: () => open('cancel') },
    commands.includes('delete') && { key: 'delete', title: t('action.delete'), icon: 'trash', danger: true, run: remove },
  ];
  return items.filter((item) => item !== false);
}
