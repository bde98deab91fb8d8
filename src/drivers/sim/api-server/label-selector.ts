import type { KubeObject } from '../../../model/kube.ts';
import { keyProblems, labelValueProblems } from './label-rules.ts';
import { badRequest, quote } from './status-errors.ts';

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

/** A label selector (`app=web,tier in (a,b),!canary`), read as `labels.Parse` of k8s.io/apimachinery reads it. */
export function labelSelector(text: string): (object: KubeObject) => boolean {
  const requirements = new SelectorText(text).requirements();
  return (object) => requirements.every((holds) => holds(object.metadata.labels ?? none));
}

const none: Labels = {};

/** The tokens of a selector, taken one by one. '' is its end. */
class SelectorText {
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = text.match(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g) ?? [];
  }

  requirements(): readonly Requirement[] {
    const found: Requirement[] = [];
    while (this.#ahead() !== '') {
      if (this.#ahead() !== '!' && !isName(this.#ahead())) {
        throw badRequest(`found '${this.#ahead()}', expected: !, identifier, or 'end of string'`);
      }
      found.push(this.#requirement());
      const separator = this.#take();
      if (separator === '') break;
      if (separator !== ',') throw badRequest(`found '${separator}', expected: ',' or 'end of string'`);
      const ahead = this.#ahead();
      if (ahead !== '!' && !isName(ahead)) throw badRequest(`found '${ahead}', expected: identifier after ','`);
    }
    return found;
  }

  #requirement(): Requirement {
    const isAbsence = this.#ahead() === '!';
    if (isAbsence) this.#take();
    const key = this.#take();
    if (!isName(key)) throw unreadable(`found '${key}', expected: identifier`);
    const problems = keyProblems(key);
    if (problems.length > 0) throw unreadable(`<nil>: Invalid value: ${quote(key)}: ${problems.join('; ')}`);
    if (isAbsence) return (labels) => labels[key] === undefined;
    if (this.#ahead() === '' || this.#ahead() === ',') return (labels) => labels[key] !== undefined;
    return this.#comparison(key);
  }

  #comparison(key: string): Requirement {
    const operator = this.#take();
    switch (operator) {
      case 'in':
      case 'notin': {
        const values = this.#list();
        checkValues(key, [...values]);
        return operator === 'in'
          ? (labels) => labels[key] !== undefined && values.has(labels[key])
          : (labels) => labels[key] === undefined || !values.has(labels[key]);
      }
      case '=':
      case '==':
      case '!=': {
        const value = this.#value();
        checkValues(key, [value]);
        return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
      }
      case '<':
      case '>':
        return compared(key, operator, this.#value());
      default:
        throw unreadable(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #value(): string {
    if (this.#ahead() === '' || this.#ahead() === ',') return '';
    const value = this.#take();
    if (!isName(value)) throw unreadable(`found '${value}', expected: identifier`);
    return value;
  }

  #list(): ReadonlySet<string> {
    const open = this.#take();
    if (open !== '(') throw unreadable(`found '${open}' expected: '('`);
    const values = new Set<string>();
    // Nothing between two commas, or beside a bracket, is the empty value.
    let last = '';
    for (let token = this.#take(); token !== ')'; token = this.#take()) {
      if (token !== ',' && !isName(token)) {
        throw unreadable(`found '${token}', expected: ${last === '' ? "',', ')' or identifier" : "',' or ')'"}`);
      }
      if (token !== ',' && last !== '' && last !== ',') throw unreadable(`found '${token}', expected: ',' or ')'`);
      if (token !== ',') values.add(token);
      else if (last === '' || last === ',') values.add('');
      last = token;
    }
    if (last === '' || last === ',') values.add('');
    return values;
  }

  #ahead(): string {
    return this.#tokens[this.#next] ?? '';
  }

  #take(): string {
    const token = this.#ahead();
    this.#next++;
    return token;
  }
}

function isName(token: string): boolean {
  return token !== '' && !/^[=!(),<>]/.test(token);
}

function compared(key: string, operator: '<' | '>', text: string): Requirement {
  if (!isInteger(text)) {
    const why = `for 'Gt', 'Lt' operators, the value must be an integer`;
    throw unreadable(`values[0]: Invalid value: ${quote(text)}: ${why}`);
  }
  checkValues(key, [text]);
  const bound = Number(text);
  return (labels) => {
    const value = labels[key];
    if (value === undefined || !isInteger(value)) return false;
    return operator === '<' ? Number(value) < bound : Number(value) > bound;
  };
}

function isInteger(text: string): boolean {
  return /^[+-]?\d+$/.test(text);
}

function checkValues(key: string, values: readonly string[]): void {
  for (const [index, value] of values.toSorted().entries()) {
    const problems = labelValueProblems(value);
    if (problems.length === 0) continue;
    throw unreadable(`values[${index}][${key}]: Invalid value: ${quote(value)}: ${problems.join('; ')}`);
  }
}

function unreadable(why: string): Error {
  return badRequest(`unable to parse requirement: ${why}`);
}
