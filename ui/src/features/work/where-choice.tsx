import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Choices } from './ask-choices';

export type Where = 'before' | 'after' | 'beside';

// Where the reader (filled) and the new signer (ring) stand, from left to right.
const places: Record<Where, { me: [number, number]; other: [number, number] }> = {
  before: { other: [18, 16], me: [54, 16] },
  after: { me: [18, 16], other: [54, 16] },
  beside: { me: [36, 8], other: [36, 24] },
};

// WhereChoice asks when an added signer decides, and shows it.
export function WhereChoice({ among, chosen, onChoose }: { among: readonly Where[]; chosen: Where | undefined; onChoose: (where: Where) => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <Choices
      title={t('ask.where')}
      chosen={chosen}
      onChoose={onChoose}
      options={among.map((key) => ({ key, title: t(`ask.wheres.${key}`), help: t(`ask.wheres.${key}Help`), picture: <Picture where={key} /> }))}
    />
  );
}

function Picture({ where }: { where: Where }): ReactNode {
  const { me, other } = places[where];
  const line = where === 'beside' ? 'M2 16h18l10-8M20 16l10 8M42 8l10 8M42 24l10-8h18' : 'M2 16h10M24 16h24M60 16h10';
  return (
    <svg className="sw-where" width={72} height={32} viewBox="0 0 72 32" fill="none" aria-hidden="true">
      <path d={line} stroke="currentColor" strokeWidth={1.5} />
      <circle cx={me[0]} cy={me[1]} r={6} fill="currentColor" />
      <circle cx={other[0]} cy={other[1]} r={5.25} fill="var(--surface)" stroke="var(--accent)" strokeWidth={1.5} />
    </svg>
  );
}
