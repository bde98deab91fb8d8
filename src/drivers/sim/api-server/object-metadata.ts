import type { KubeObject, ObjectMeta, OwnerReference } from '../../../model/kube.ts';
import type { RandomStream } from '../random.ts';
import { keyProblems, labelRule, labelTest, labelValueProblems, subdomain, subdomainRule } from './label-rules.ts';
import type { ServedType, Strategy } from './served-resource.ts';
import type { FieldError } from './status-errors.ts';

/**
 * What is wrong with an object's metadata (`ValidateObjectMeta` of k8s.io/apimachinery). Parts that are the same in
 * `old` were valid when they were stored.
 */
export function validateMetadata(
  { metadata }: KubeObject,
  served: ServedType,
  old: KubeObject | undefined,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { labels, annotations, finalizers, ownerReferences } = old?.metadata ?? noMetadata;
  if (metadata.name === undefined || metadata.name === '') {
    errors.push({ type: 'Required', field: 'metadata.name', detail: 'name or generateName is required' });
  } else if (metadata.name !== old?.metadata.name) {
    const detail = nameProblem(metadata.name, served.strategy.nameRule);
    if (detail !== undefined) errors.push({ type: 'Invalid', field: 'metadata.name', value: metadata.name, detail });
  }
  if (metadata.labels !== labels) checkLabels(metadata.labels ?? {}, errors);
  if (metadata.annotations !== annotations) checkAnnotations(metadata.annotations ?? {}, errors);
  if (metadata.finalizers !== finalizers) checkFinalizers(metadata.finalizers ?? [], served, errors);
  if (metadata.ownerReferences !== ownerReferences) checkOwners(metadata.ownerReferences ?? [], errors);
  return errors;
}

const noMetadata: ObjectMeta = { name: '' };

function checkLabels(labels: Readonly<Record<string, string>>, errors: FieldError[]): void {
  for (const [key, value] of Object.entries(labels)) {
    for (const detail of keyProblems(key)) {
      errors.push({ type: 'Invalid', field: 'metadata.labels', value: key, detail });
    }
    for (const detail of labelValueProblems(value)) {
      errors.push({ type: 'Invalid', field: 'metadata.labels', value, detail });
    }
  }
}

function checkAnnotations(annotations: Readonly<Record<string, string>>, errors: FieldError[]): void {
  for (const key of Object.keys(annotations)) {
    for (const detail of keyProblems(key.toLowerCase())) {
      errors.push({ type: 'Invalid', field: 'metadata.annotations', value: key, detail });
    }
  }
}

function checkFinalizers(finalizers: readonly string[], { custom, type }: ServedType, errors: FieldError[]): void {
  for (const [index, finalizer] of finalizers.entries()) {
    for (const detail of keyProblems(finalizer)) {
      errors.push({ type: 'Invalid', field: 'metadata.finalizers', value: finalizer, detail });
    }
    if (isOwnFinalizer(finalizer) || custom || takesAnyFinalizer.has(type.kind)) continue;
    const detail = 'name is neither a standard finalizer name nor is it fully qualified';
    errors.push({ type: 'Invalid', field: `metadata.finalizers[${index}]`, value: finalizer, detail });
  }
}

/** What is said of new finalizers of a custom resource that nobody can tell the owner of (`generateWarningsFromObj`). */
export function finalizerWarnings({ metadata }: KubeObject, old: KubeObject | undefined): readonly string[] {
  const { finalizers } = metadata;
  const before = old?.metadata.finalizers ?? [];
  if (finalizers === undefined || finalizers === before) return [];
  const added = finalizers.filter((finalizer) => !before.includes(finalizer) && !isOwnFinalizer(finalizer)).toSorted();
  return added.map((finalizer) => {
    const path = finalizer.includes('.') ? ' including a path (/)' : '';
    return `metadata.finalizers: ${JSON.stringify(finalizer)}: prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
  });
}

function isOwnFinalizer(finalizer: string): boolean {
  return finalizer.includes('/') || standardFinalizers.includes(finalizer);
}

/** Built-in kinds whose validation is not that of pkg/apis/core. */
const takesAnyFinalizer: ReadonlySet<string> = new Set(['Event', 'Lease']);

const standardFinalizers: readonly string[] = ['foregroundDeletion', 'kubernetes', 'orphan'];

function checkOwners(ownerReferences: readonly OwnerReference[], errors: FieldError[]): void {
  ownerReferences.forEach((owner) => {
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      if (owner[field] !== undefined && owner[field] !== '') continue;
      const path = `metadata.ownerReferences.${field}`;
      const detail = field === 'apiVersion' ? 'version must not be empty' : 'must not be empty';
      errors.push({ type: 'Invalid', field: path, value: '', detail });
    }
  });
  const controllers = ownerReferences.filter(({ controller }) => controller === true);
  if (controllers.length > 1) {
    const [one, other] = controllers.map(({ kind, name }) => `${kind}/${name}`);
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${one} and ${other}`;
    errors.push({ type: 'Invalid', field: 'metadata.ownerReferences', value: ownerReferences, detail });
  }
}

/** `prefix` and five characters of chance (`pkg/storage/names` of k8s.io/apiserver). */
export function generatedName(prefix: string, random: RandomStream): string {
  let suffix = '';
  for (let index = 0; index < 5; index++) suffix += nameCharacters[random.integer(0, nameCharacters.length - 1)];
  return `${prefix.slice(0, 58)}${suffix}`;
}

const nameCharacters = 'bcdfghjklmnpqrstvwxz2456789';

function nameProblem(name: string, rule: Strategy['nameRule']): string | undefined {
  switch (rule) {
    case 'label':
      if (name.includes('.')) return 'must not contain dots';
      if (name.length > 63) return 'must be no more than 63 characters';
      return labelTest.test(name) ? undefined : labelRule;
    case 'path':
      if (name === '.' || name === '..') return `may not be '${name}'`;
      if (name.includes('/')) return "may not contain '/'";
      return name.includes('%') ? "may not contain '%'" : undefined;
    case 'subdomain':
    default:
      if (name.length > 253) return 'must be no more than 253 characters';
      return subdomain.test(name) ? undefined : subdomainRule;
  }
}
