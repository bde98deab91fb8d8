import { textAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { badRequest } from './status-errors.ts';

export type Predicate = (object: KubeObject) => boolean;

/** A label selector (`app=web,tier in (a,b),!canary`), as `labels.Parse` of k8s.io/apimachinery reads it. */
export function labelSelector(text: string): Predicate {
  const requirements = splitOutsideParentheses(text).map(labelRequirement);
  return (object) => requirements.every((holds) => holds(object.metadata.labels ?? {}));
}

/**
 * A field selector (`metadata.name=x,spec.nodeName!=n`). `selectable` maps the fields that this resource can be
 * selected by; any other is refused with the server's words.
 */
export function fieldSelector(
  text: string,
  selectable: ReadonlySet<string>,
  refusalOf = (field: string) => `field label not supported: ${field}`,
): Predicate {
  const requirements = text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^(.*?)(!=|==|=)(.*)$/.exec(part);
      if (match === null) {
        throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
      }
      const [, field = '', operator, value] = match;
      if (!selectable.has(field)) throw badRequest(refusalOf(field));
      const path = field.split('.');
      return (object: KubeObject): boolean => (fieldText(object, path) === value) === (operator !== '!=');
    });
  return (object) => requirements.every((holds) => holds(object));
}

function fieldText(object: KubeObject, path: readonly string[]): string {
  return textAt(object, ...path) ?? '';
}

type Labels = Readonly<Record<string, string>>;

function labelRequirement(part: string): (labels: Labels) => boolean {
  const text = part.trim();
  const setBased = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text);
  if (setBased !== null) {
    const [, key = '', operator, list = ''] = setBased;
    const values = new Set(list.split(',').map((value) => value.trim()));
    if (operator === 'in') return (labels) => labels[key] !== undefined && values.has(labels[key]);
    return (labels) => labels[key] === undefined || !values.has(labels[key]);
  }
  const equality = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(text);
  if (equality !== null) {
    const [, key = '', operator, value] = equality;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const comparison = /^([^\s<>]+)\s*([<>])\s*(-?\d+)$/.exec(text);
  if (comparison !== null) {
    const [, key = '', operator, bound] = comparison;
    return (labels) => {
      const value = /^-?\d+$/.test(labels[key] ?? '') ? Number(labels[key]) : Number.NaN;
      return operator === '<' ? value < Number(bound) : value > Number(bound);
    };
  }
  const existence = /^(!?)\s*([A-Za-z0-9][A-Za-z0-9._/-]*)$/.exec(text);
  if (existence !== null) {
    const [, absent, key = ''] = existence;
    return absent === '!' ? (labels) => labels[key] === undefined : (labels) => labels[key] !== undefined;
  }
  const openList = /^\S+\s+(?:in|notin)\s+([^(\s]\S*)/.exec(text)?.[1];
  if (openList !== undefined) throw badRequest(`unable to parse requirement: found '${openList}' expected: '('`);
  throw badRequest(`unable to parse requirement: found '${text}', expected: identifier`);
}

function splitOutsideParentheses(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '(') depth++;
    if (text[index] === ')') depth--;
    if (text[index] !== ',' || depth > 0) continue;
    parts.push(text.slice(start, index));
    start = index + 1;
  }
  parts.push(text.slice(start));
  return parts.filter((part) => part.trim() !== '');
}
