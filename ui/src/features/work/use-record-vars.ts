import { useMemo } from 'react';
import type { Vars } from '@/features/form/model';
import { limitVars } from '@/features/form/limits';
import { useMe } from '@/shared/session';
import type { FormView, RecordView } from './record-view';

// useRecordVars is what rules see of a record and of the person, as runtime/records gives it to the server's rules. A new
// record belongs to whoever makes it.
export function useRecordVars(app: string, view: FormView, record?: RecordView): Pick<Vars, 'record' | 'user'> {
  const me = useMe();
  return useMemo(() => {
    const user = { id: me.id, name: me.name, department: me.department, roles: me.roles.filter((role) => role.app === app).map(({ role }) => role), limits: limitVars(view.limits) };
    if (!record) return { user, record: { status: 'draft', owner: me.id, department: me.department, createdBy: me.id, limits: user.limits } };
    const { id, title, stage, status, owner, department, createdAt, createdBy } = record;
    return { user, record: { id, title, stage, status, owner, department, createdAt, createdBy, limits: limitVars(record.limits) } };
  }, [me, app, view, record]);
}
