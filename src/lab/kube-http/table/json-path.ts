import { unreachable } from '../../../model/assert.ts';
import { type Json, isJsonObject } from '../../../model/json.ts';

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'descend'; readonly name: string }
  | { readonly kind: 'where'; readonly path: readonly Step[]; readonly equal: boolean; readonly value: Json };

const compiled = new Map<string, readonly Step[] | undefined>();

/**
 * All values that a printer column's JSONPath finds: `.a.b`, `['a']`, `[0]`, `[-1]`, `[*]`, `..a` and
 * `[?(@.type=="Ready")]`, the forms that CRDs use (`k8s.io/client-go/util/jsonpath`). Nothing for a path it cannot read.
 */
export function valuesAt(path: string, value: Json): readonly Json[] {
  if (!compiled.has(path)) compiled.set(path, compile(path));
  return follow(compiled.get(path) ?? [{ kind: 'index', index: Number.NaN }], [value]);
}

function follow(steps: readonly Step[], values: readonly Json[]): readonly Json[] {
  return steps.reduce<readonly Json[]>((found, step) => found.flatMap((value) => take(step, value)), values);
}

function take(step: Step, value: Json): readonly Json[] {
  switch (step.kind) {
    case 'field':
      return fieldOf(value, step.name);
    case 'index': {
      const item = Array.isArray(value) ? (value as readonly Json[]).at(step.index) : undefined;
      return item === undefined || Number.isNaN(step.index) ? [] : [item];
    }
    case 'all':
      return childrenOf(value);
    case 'descend':
      return descendants(value).flatMap((each) => fieldOf(each, step.name));
    case 'where':
      return childrenOf(value).filter((item) => {
        const found = follow(step.path, [item])[0];
        return found !== undefined && (found === step.value) === step.equal;
      });
    default:
      return unreachable(step);
  }
}

function fieldOf(value: Json, name: string): readonly Json[] {
  const found = isJsonObject(value) ? value[name] : undefined;
  return found === undefined ? [] : [found];
}

function childrenOf(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  return isJsonObject(value) ? Object.values(value).filter((item) => item !== undefined) : [];
}

function descendants(value: Json): readonly Json[] {
  return [value, ...childrenOf(value).flatMap(descendants)];
}

function compile(path: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  let rest = path
    .trim()
    .replace(/^\{(.*)\}$/, '$1')
    .replace(/^[$@]/, '');
  while (rest !== '') {
    const match = nextStep(rest);
    if (match === undefined) return undefined;
    steps.push(match.step);
    rest = match.rest;
  }
  return steps;
}

function nextStep(text: string): { step: Step; rest: string } | undefined {
  const descend = /^\.\.((?:\\.|[^.[\]])+)/.exec(text);
  if (descend !== null)
    return { step: { kind: 'descend', name: unescape(descend[1]) }, rest: text.slice(descend[0].length) };
  const field =
    /^\.((?:\\.|[^.[\]])+)/.exec(text) ?? /^\[['"]([^'"]+)['"]\]/.exec(text) ?? /^([A-Za-z_][\w-]*)/.exec(text);
  if (field !== null) {
    const name = unescape(field[1]);
    return { step: name === '*' ? { kind: 'all' } : { kind: 'field', name }, rest: text.slice(field[0].length) };
  }
  const index = /^\.?\[(-?\d+|\*)\]/.exec(text);
  if (index !== null) {
    const step: Step = index[1] === '*' ? { kind: 'all' } : { kind: 'index', index: Number(index[1]) };
    return { step, rest: text.slice(index[0].length) };
  }
  const where = /^\[\?\(\s*@?(.+?)\s*(==|!=)\s*(.+?)\s*\)\]/.exec(text);
  if (where === null) return undefined;
  const path = compile(where[1] ?? '');
  if (path === undefined) return undefined;
  const step: Step = { kind: 'where', path, equal: where[2] === '==', value: literal(where[3] ?? '') };
  return { step, rest: text.slice(where[0].length) };
}

function unescape(name = ''): string {
  return name.replace(/\\(.)/g, '$1');
}

function literal(text: string): Json {
  const quoted = /^(['"])(.*)\1$/.exec(text);
  if (quoted !== null) return quoted[2] ?? '';
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}
