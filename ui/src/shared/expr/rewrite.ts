import type { ASTNode } from '@marcbachmann/cel-js';
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { isZone } from './dates';
import { operators } from './operators';
import { sharedPattern } from './pattern';
import { RuleError } from './rule-error';

// A rule is written again with calls to functions of this folder where the library's own differ from the server's, and
// what the two sides would not do alike is refused. Every operation is put in brackets, so precedence cannot change.

const maxDepth = 3;
const folds = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
const replacedCalls = new Set(['string', 'double', 'int', 'timestamp', 'bool']);
const refusedCalls = new Set(['uint', 'bytes', 'lowerAscii', 'upperAscii', 'indexOf', 'lastIndexOf', 'substring', 'split', 'base64', 'hex', 'json', 'at', 'bind']);
const parts = /^get(FullYear|Month|Date|DayOfMonth|DayOfWeek|DayOfYear|Hours|Minutes|Seconds|Milliseconds)$/;

export function rewrite(node: ASTNode, depth = 0): string {
  const write = (n: ASTNode): string => rewrite(n, depth);
  switch (node.op) {
    case 'value':
      return literal(node.args);
    case 'id':
      return node.args;
    case '.':
      return `${write(node.args[0])}.${node.args[1]}`;
    case 'list': // as dyn, because the library would hold every item to the type of the first
      return `dyn([${node.args.map(write).join(', ')}])`;
    case '||':
    case '&&':
      return `(${write(node.args[0])} ${node.op} ${write(node.args[1])})`;
    case 'map':
      return `{${node.args.map(([k, v]) => `${write(k)}: ${write(v)}`).join(', ')}}`;
    case '?:':
      return `(${write(node.args[0])} ? ${write(node.args[1])} : ${write(node.args[2])})`;
    case '!_':
      return `(!${write(node.args)})`;
    case '-_':
      return `(-${write(node.args)})`;
    case 'call':
      return call(node.args[0], node.args[1], node.start, depth);
    case 'rcall':
      return method(node.args[0], node.args[1], node.args[2], depth);
    case '.?':
    case '[?]':
      throw new RuleError('shared', 'optional members are not known here', node.start);
    default: {
      const [left, right] = node.args;
      return `${operators[node.op]?.name ?? ''}(${write(left)}, ${write(right)})`;
    }
  }
}

function literal(v: unknown): string {
  if (typeof v === 'number') {
    const s = String(v);
    return /[.e]/.test(s) ? s : `${s}.0`;
  }
  if (typeof v === 'string') return JSON.stringify(v);
  if (v instanceof Uint8Array) throw new RuleError('shared', 'bytes are not known here');
  if (v instanceof UnsignedInt) return `${v.toString()}u`;
  return String(v);
}

function call(name: string, args: ASTNode[], at: number, depth: number): string {
  const first = args[0];
  if (name === 'has' && first?.op === '.') return `has__(${rewrite(first.args[0], depth)}, ${JSON.stringify(first.args[1])})`;
  if (name.endsWith('__') || refusedCalls.has(name)) throw new RuleError('shared', `there is no function ${name}`, at);
  const own = replacedCalls.has(name) ? `${name}__` : name;
  return `${own}(${args.map((a) => rewrite(a, depth)).join(', ')})`;
}

function method(name: string, target: ASTNode, args: ASTNode[], depth: number): string {
  const [first] = args;
  const on = rewrite(target, depth);
  if (folds.has(name) && first?.op === 'id') {
    if (depth === maxDepth) throw new RuleError('shared', 'lists are walked too deep inside lists', target.start);
    return `${on}.${name}(${args.map((a) => rewrite(a, depth + 1)).join(', ')})`;
  }
  if (name === 'matches' && first && args.length === 1) {
    sharedPattern(quoted(name, first));
    return `matches__(${on}, ${rewrite(first, depth)})`;
  }
  if (parts.test(name)) {
    if (first && !isZone(quoted(name, first))) throw new RuleError('shared', 'this is not a time zone', first.start);
    return `${name}__(${[on, ...args.map((a) => rewrite(a, depth))].join(', ')})`;
  }
  if (name.endsWith('__') || name === 'trim' || refusedCalls.has(name)) throw new RuleError('shared', `there is no function ${name}`, target.start);
  return `${on}.${name}(${args.map((a) => rewrite(a, depth)).join(', ')})`;
}

function quoted(name: string, node: ASTNode): string {
  if (node.op === 'value' && typeof node.args === 'string') return node.args;
  throw new RuleError('shared', `${name} needs a text in quotes`, node.start);
}
