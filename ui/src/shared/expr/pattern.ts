import { RuleError } from './rule-error';

// The part of regular expressions that RE2 on the server and JavaScript read alike; internal/expr/pattern.go is its twin.
// Where the two mean different sets (. and \s), the pattern is rewritten to RE2's.
const metaEscapes = '\\^$.*+?()[]{}|/-';
const property = /^[pP]\{(L|Lu|Ll|M|N|Nd|P|S|Z|Han|Latin)\}/;
const repeat = /^\{(\d{1,4})(,(\d{1,4})?)?\}/;
const blanks = '\\t\\n\\f\\r ';

const refuse = (what: string): RuleError => new RuleError('shared', `the pattern uses ${what}`);

class Scanner {
  private out = '';
  private depth = 0;

  constructor(private rest: string) {}

  translate(): string {
    let atom = false;
    while (this.rest !== '') {
      const c = this.take();
      switch (c) {
        case '\\':
          atom = this.escape();
          break;
        case '[':
          this.class();
          atom = true;
          break;
        case '(':
          this.group();
          atom = false;
          break;
        case ')':
          if (--this.depth < 0) throw refuse('a bracket too many');
          this.out += c;
          atom = true;
          break;
        case '*':
        case '+':
        case '?':
        case '{':
          this.repeat(c, atom);
          atom = false;
          break;
        case ']':
        case '}':
          throw refuse('an unclear bracket');
        case '.':
          this.out += '[^\\n]';
          atom = true;
          break;
        default:
          this.out += c;
          atom = c !== '^' && c !== '$' && c !== '|';
      }
    }
    if (this.depth !== 0) throw refuse('an open bracket');
    return this.out;
  }

  private take(): string {
    const c = String.fromCodePoint(this.rest.codePointAt(0) ?? 0);
    this.rest = this.rest.slice(c.length);
    return c;
  }

  private skip(part: string): boolean {
    if (!this.rest.startsWith(part)) return false;
    this.rest = this.rest.slice(part.length);
    return true;
  }

  private group(): void {
    this.depth++;
    if (this.skip('?:')) this.out += '(?:';
    else if (this.rest.startsWith('?')) throw refuse('look-around, a named group or an inner flag');
    else this.out += '(';
  }

  private repeat(c: string, atom: boolean): void {
    if (!atom) throw refuse('a repetition without something to repeat');
    let text = c;
    if (c === '{') {
      const m = repeat.exec('{' + this.rest);
      if (!m || Number(m[1]) > 1000 || Number(m[3] ?? 0) > 1000) throw refuse('an unclear repetition');
      text = m[0];
      this.rest = this.rest.slice(text.length - 1);
    }
    this.out += text;
    if (this.skip('?')) this.out += '?';
  }

  private property(): boolean {
    const m = property.exec(this.rest);
    if (!m) return false;
    this.rest = this.rest.slice(m[0].length);
    const script = m[1] === 'Han' || m[1] === 'Latin' ? 'Script=' : '';
    this.out += `\\${m[0][0] ?? 'p'}{${script}${m[1] ?? ''}}`;
    return true;
  }

  private escape(): boolean {
    if (this.property()) return true;
    if (this.rest === '') throw refuse('an escape without its character');
    const c = this.take();
    if (c === 'b' || c === 'B') {
      this.out += '\\' + c;
      return false;
    }
    if (c === 's') this.out += `[${blanks}]`;
    else if (c === 'S') this.out += `[^${blanks}]`;
    else if ('dDwWnrtfv'.includes(c) || (c !== '-' && metaEscapes.includes(c))) this.out += '\\' + c;
    else throw refuse(`the escape \\${c}`);
    return true;
  }

  private class(): void {
    this.out += '[';
    if (this.skip('^')) this.out += '^';
    for (let count = 0; ; count++) {
      if (this.skip(']')) {
        if (count === 0) throw refuse('an empty class');
        this.out += ']';
        return;
      }
      const plain = this.member();
      if (!this.rest.startsWith('-') || this.rest.startsWith('-]')) continue;
      this.rest = this.rest.slice(1);
      this.out += '-';
      if (!this.member() || !plain) throw refuse('an unclear range');
    }
  }

  // member reads one member of a class and says whether it is a single character.
  private member(): boolean {
    if (this.rest === '' || this.rest.startsWith('[')) throw refuse('an unclear class');
    const c = this.take();
    if (c !== '\\') {
      this.out += c === '-' ? '\\-' : c;
      return true;
    }
    if (this.property()) return false;
    if (this.rest === '') throw refuse('an escape without its character');
    const e = this.take();
    if (e === 's') this.out += blanks;
    else if ('dDwWnrtfv'.includes(e) || metaEscapes.includes(e)) this.out += '\\' + e;
    else throw refuse(`the escape \\${e}`);
    return 'nrtfv'.includes(e) || metaEscapes.includes(e);
  }
}

// sharedPattern compiles a pattern, or throws when the server and the browser would not read it alike.
export function sharedPattern(pattern: string): RegExp {
  const fold = pattern.startsWith('(?i)');
  const source = new Scanner(fold ? pattern.slice(4) : pattern).translate();
  try {
    return new RegExp(source, fold ? 'iu' : 'u');
  } catch {
    throw refuse('a form that cannot be read');
  }
}
