import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { TFunction } from 'i18next';
import type { Text } from '@/shared/definition/text';
import { momentWords, unitWord, type Delay, type Wording } from './words';

type Rule = string | { cel: string };

// Block is what these words need of a block of a flow.
export interface Block {
  id: string;
  type: string;
  title?: Text;
  blocks?: Block[];
  cases?: { id: string; title?: Text; when?: Rule; blocks?: Block[] }[];
  else?: Block[];
  late?: Block[];
  failed?: Block[];
  over?: string;
  until?: Delay;
  when?: Rule;
  set?: Record<string, Rule>;
  form?: string;
  call?: { url: string; method?: string };
  await?: boolean;
  outcome?: string;
  label?: Text;
}

export function ruleText(rule: Rule | undefined): string {
  return typeof rule === 'string' ? rule : (rule?.cel ?? '');
}

// BlockList tells in words what blocks do, one below the other, with what lies inside them indented.
export function BlockList({ blocks, wording }: { blocks: readonly Block[]; wording: Wording }): ReactNode {
  return (
    <ol className="sw-auto-blocks">
      {blocks.map((block) => (
        <li key={block.id}>
          <BlockWords block={block} wording={wording} />
        </li>
      ))}
    </ol>
  );
}

function BlockWords({ block, wording }: { block: Block; wording: Wording }): ReactNode {
  const { t } = useTranslation();
  const title = wording.text(block.title);
  const does = doing(block, t, wording);
  const ways = [
    ...(block.cases ?? []).map((one) => ({
      key: one.id,
      name: [wording.text(one.title), one.when !== undefined && t('automation.block.when', { rule: ruleText(one.when) })].filter(Boolean).join(' · ') || one.id,
      blocks: one.blocks ?? [],
    })),
    { key: 'else', name: t('automation.block.else'), blocks: block.else ?? [] },
    { key: 'late', name: t('automation.block.late'), blocks: block.late ?? [] },
    { key: 'failed', name: t('automation.block.failed'), blocks: block.failed ?? [] },
  ].filter((way) => way.blocks.length > 0);
  return (
    <>
      <span className="sw-auto-block">
        <strong>{title || does}</strong>
        {title && title !== does && <span>{does}</span>}
      </span>
      {block.blocks && <BlockList blocks={block.blocks} wording={wording} />}
      {ways.map((way) => (
        <div key={way.key} className="sw-auto-way">
          <span>{way.name}</span>
          <BlockList blocks={way.blocks} wording={wording} />
        </div>
      ))}
    </>
  );
}

// doing says what one block does.
function doing(block: Block, t: TFunction, { text, field }: Wording): string {
  switch (block.type) {
    case 'branch':
      return t('automation.block.branch');
    case 'inclusive':
      return t('automation.block.inclusive');
    case 'parallel':
      return t('automation.block.parallel');
    case 'firstOf':
      return t('automation.block.firstOf');
    case 'forEach':
      return t('automation.block.forEach', { field: field(block.over ?? '') });
    case 'wait':
      if (block.when !== undefined) return t('automation.block.waitWhen', { rule: ruleText(block.when) });
      if (block.until?.field) return [t('automation.block.wait'), momentWords(block.until, t, field)].join(' · ');
      return block.until ? t('automation.block.waitFor', { count: block.until.after, unit: unitWord(block.until.unit, t) }) : t('automation.block.wait');
    case 'update':
      return t('automation.block.update', { fields: Object.keys(block.set ?? {}).map(field).join(t('log.and')) });
    case 'create':
      return [t('automation.block.create', { form: block.form ?? '' }), block.await && t('automation.block.await')].filter(Boolean).join(' ');
    case 'webhook':
      return [t('automation.block.webhook', { url: block.call?.url ?? '' }), block.await && t('automation.block.awaitAnswer')].filter(Boolean).join(' ');
    case 'cc':
      return t('automation.block.cc');
    case 'end':
      return t('automation.block.end', { outcome: text(block.label) || block.outcome || '' });
    default:
      return block.type;
  }
}
