import { textAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { badRequest } from './status-errors.ts';

export type Predicate = (object: KubeObject) => boolean;

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
