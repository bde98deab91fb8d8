import type { KubeObject, ObjectMeta } from '../../../model/kube.ts';
import type { RandomStream } from '../random.ts';
import type { Strategy } from './served-resource.ts';
import type { FieldError } from './status-errors.ts';

/** What is wrong with an object's metadata (`ValidateObjectMeta` of k8s.io/apimachinery). */
export function validateMetadata(object: KubeObject, rule: Strategy['nameRule']): readonly FieldError[] {
  const { metadata } = object;
  const errors: FieldError[] = [];
  if (metadata.name === undefined || metadata.name === '') {
    errors.push({ type: 'Required', field: 'metadata.name', detail: 'name or generateName is required' });
  } else {
    const detail = nameProblem(metadata.name, rule);
    if (detail !== undefined) errors.push({ type: 'Invalid', field: 'metadata.name', value: metadata.name, detail });
  }
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (!qualifiedName.test(key)) {
      errors.push({ type: 'Invalid', field: 'metadata.labels', value: key, detail: qualifiedNameText });
    }
    if (typeof value !== 'string' || value.length > 63 || !labelValue.test(value)) {
      errors.push({ type: 'Invalid', field: 'metadata.labels', value, detail: labelValueText });
    }
  }
  for (const key of Object.keys(metadata.annotations ?? {})) {
    if (!qualifiedName.test(key.toLowerCase())) {
      errors.push({ type: 'Invalid', field: 'metadata.annotations', value: key, detail: qualifiedNameText });
    }
  }
  for (const [index, finalizer] of (metadata.finalizers ?? []).entries()) {
    if (!qualifiedName.test(finalizer)) {
      errors.push({ type: 'Invalid', field: 'metadata.finalizers', value: finalizer, detail: qualifiedNameText });
      const detail = 'name is neither a standard finalizer name nor is it fully qualified';
      if (!finalizer.includes('/')) {
        errors.push({ type: 'Invalid', field: `metadata.finalizers[${index}]`, value: finalizer, detail });
      }
    }
  }
  return [...errors, ...validateOwners(metadata)];
}

function validateOwners({ ownerReferences = [] }: ObjectMeta): readonly FieldError[] {
  const errors: FieldError[] = [];
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
  return errors;
}

/** `prefix` and five characters of chance (`pkg/storage/names` of k8s.io/apiserver). */
export function generatedName(prefix: string, random: RandomStream): string {
  let suffix = '';
  for (let index = 0; index < 5; index++) suffix += nameCharacters[random.integer(0, nameCharacters.length - 1)];
  return `${prefix.slice(0, 58)}${suffix}`;
}

const nameCharacters = 'bcdfghjklmnpqrstvwxz2456789';

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedName =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const qualifiedNameText =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

function nameProblem(name: string, rule: Strategy['nameRule']): string | undefined {
  switch (rule) {
    case 'label':
      if (name.includes('.')) return 'must not contain dots';
      if (name.length > 63) return 'must be no more than 63 characters';
      return label.test(name) ? undefined : labelText;
    case 'path':
      if (name === '.' || name === '..') return `may not be '${name}'`;
      if (name.includes('/')) return "may not contain '/'";
      return name.includes('%') ? "may not contain '%'" : undefined;
    case 'subdomain':
    default:
      if (name.length > 253) return 'must be no more than 253 characters';
      return subdomain.test(name) ? undefined : subdomainText;
  }
}
