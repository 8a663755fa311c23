import { useTranslation } from 'react-i18next';
import type { Text } from '@/shared/definition/text';
import { useText } from '@/shared/i18n/use-text';

interface Who {
  type?: string;
  user?: string;
  role?: string;
  department?: string;
  weight?: number;
}

interface Match {
  field?: string;
  in?: string[];
  startsWith?: string[];
}

export interface Row {
  title?: Text;
  match: Match[];
  who: Who[];
  pick?: string;
}

export interface Strategy {
  type: string;
  link?: string;
  who: Who[];
  rows: Row[];
}

export interface Category {
  key: string;
  title?: Text;
  when: string;
  strategies: Strategy[];
}

export interface Assignment {
  form: string;
  categories: Category[];
  capacity?: number;
  pool?: { roles: string[]; maxOpen?: number; maxPerDay?: number; takeBack?: { after: number; unit: string } };
}

type Draft = Record<string, unknown>;

const listOf = (value: unknown): Draft[] => (Array.isArray(value) ? value.filter((item): item is Draft => typeof item === 'object' && item !== null) : []);
const wordOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const objectOf = (value: unknown): Draft => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Draft) : {});

// readAssignment takes what it can from a draft, which may be half done.
export function readAssignment(document: Draft): Assignment {
  const capacity = objectOf(document.capacity).open;
  return {
    form: wordOf(document.form),
    categories: listOf(document.categories).map((category) => ({
      key: wordOf(category.key),
      title: category.title as Text,
      when: wordOf(category.when) || wordOf(objectOf(category.when).cel),
      strategies: listOf(category.strategies).map((strategy) => ({
        type: wordOf(strategy.type),
        link: wordOf(strategy.link),
        who: listOf(strategy.who),
        rows: listOf(strategy.rows).map((row) => ({ title: row.title as Text, match: listOf(row.match), who: listOf(row.who), pick: wordOf(row.pick) })),
      })),
    })),
    ...(typeof capacity === 'number' && { capacity }),
    ...(document.pool !== undefined && { pool: { roles: [], ...objectOf(document.pool) } }),
  };
}

const strategies = ['sticky', 'byValue', 'roundRobin', 'weighted', 'leastLoaded', 'pool'] as const;
const units = ['workingDays', 'workingHours', 'days', 'hours', 'minutes'] as const;

interface RuleWords {
  strategy: (strategy: Strategy) => string;
  row: (row: Row) => string;
  limits: (rule: Assignment) => string[];
}

// useRuleWords puts the parts of an assignment into words.
export function useRuleWords(): RuleWords {
  const { t } = useTranslation();
  const text = useText();
  const and = t('assignment.and');
  const people = (who: readonly Who[]) =>
    who
      .map(({ type, user, role, department, weight }) => {
        const name =
          type === 'role' ? t('assignment.role', { role }) : type === 'department' ? (role ? t('assignment.departmentRole', { department, role }) : t('assignment.department', { department })) : (user ?? '');
        return weight === undefined ? name : `${name} × ${String(weight)}`;
      })
      .join(and);
  const way = (type: string) => {
    const known = strategies.find((one) => one === type);
    return known ? t(`assignment.strategy.${known}`) : type;
  };
  return {
    strategy: ({ type, link, who }) => [way(type), link, people(who)].filter(Boolean).join(' · '),
    row: ({ title, match, who, pick }) => {
      const values = match.map(({ field, in: one = [], startsWith = [] }) => `${field ?? ''}: ${[...one, ...startsWith.map((prefix) => `${prefix}…`)].join(', ')}`).join(and);
      return `${text(title) || values} → ${people(who)} (${way(pick || 'roundRobin')})`;
    },
    limits: ({ capacity, pool }) => {
      const unit = units.find((one) => one === pool?.takeBack?.unit);
      return [
        capacity !== undefined && t('assignment.capacity', { count: capacity }),
        pool && t('assignment.poolRoles', { roles: pool.roles.join(and) }),
        pool?.maxOpen !== undefined && t('assignment.poolOpen', { count: pool.maxOpen }),
        pool?.maxPerDay !== undefined && t('assignment.poolDay', { count: pool.maxPerDay }),
        pool?.takeBack && unit && t(`assignment.takeBack.${unit}`, { count: pool.takeBack.after }),
      ].filter((line): line is string => typeof line === 'string');
    },
  };
}
