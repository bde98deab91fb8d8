import { at, type Json } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import type { Denial } from '../api-server/admission.ts';

/**
 * The schema check that KubeVirt's webhooks make before they read a VM, in the words of its validator: the power fields,
 * and what a template cannot be without. Source: `ValidateSchema` in `pkg/util/webhooks/webhooks.go`.
 */
export function shapeDenial(vm: KubeObject): Denial | undefined {
  const messages = [
    ...typeMessages(vm, 'boolean', 'spec', 'running'),
    ...typeMessages(vm, 'string', 'spec', 'runStrategy'),
    ...missingMessages(vm),
  ];
  if (messages.length === 0) return undefined;
  const causes = messages.map((message) => ({ message }));
  return { code: 422, reason: 'Invalid', message: messages.join(', '), causes };
}

function typeMessages(vm: KubeObject, type: 'boolean' | 'string', ...path: readonly string[]): readonly string[] {
  const value = at(vm, ...path);
  if (value === undefined || value === null || typeof value === type) return [];
  return [`${path.join('.')} in body must be of type ${type}: "${typeNameOf(value)}"`];
}

function missingMessages(vm: KubeObject): readonly string[] {
  return required
    .filter((path) => at(vm, ...path.slice(0, -1)) !== undefined && at(vm, ...path) === undefined)
    .map((path) => `${path.join('.')} in body is required`);
}

/** Fields that the one above cannot be without. */
const required: readonly (readonly string[])[] = [
  ['spec', 'template'],
  ['spec', 'template', 'spec', 'domain'],
  ['spec', 'template', 'spec', 'domain', 'devices'],
];

function typeNameOf(value: Json): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value !== 'number') return typeof value;
  return Number.isInteger(value) ? 'integer' : 'number';
}
