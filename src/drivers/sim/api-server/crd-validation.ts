import type { Json } from '../../../model/json.ts';
import { flagAt, isJsonObject, listAt, objectAt, textAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import { compileCel } from './cel-environment.ts';
import { sameJson } from './same-json.ts';
import type { FieldError } from './status-errors.ts';
import { schemaPattern } from './structural-schema.ts';

const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'Invalid',
  field,
  value,
  detail,
});
const required = (field: string, detail = ''): FieldError => ({ type: 'Required', field, detail });

/** What is wrong with a CustomResourceDefinition (`pkg/apis/apiextensions/validation` of apiextensions-apiserver). */
export function validateDefinition(object: KubeObject, old: KubeObject | undefined): readonly FieldError[] {
  const spec = objectAt(object, 'spec');
  if (spec === old?.spec) return [];
  const group = textAt(spec, 'group') ?? '';
  const plural = textAt(spec, 'names', 'plural') ?? '';
  const errors: FieldError[] = [];
  if (object.metadata.name !== `${plural}.${group}`) {
    errors.push(invalid('metadata.name', object.metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (group === '') errors.push(required('spec.group'));
  if (plural === '') errors.push(required('spec.names.plural'));
  if (textAt(spec, 'names', 'kind') === undefined) errors.push(required('spec.names.kind'));
  const scope = textAt(spec, 'scope');
  if (scope === undefined) errors.push(required('spec.scope'));
  else if (scope !== 'Cluster' && scope !== 'Namespaced') {
    errors.push({
      type: 'NotSupported',
      field: 'spec.scope',
      value: scope,
      detail: 'supported values: "Cluster", "Namespaced"',
    });
  }
  if (old !== undefined && scope !== textAt(old, 'spec', 'scope'))
    errors.push(invalid('spec.scope', scope, 'field is immutable'));
  return [...errors, ...validateVersions(listAt(spec, 'versions'), old)];
}

function validateVersions(versions: readonly Json[], old: KubeObject | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (versions.filter((version) => flagAt(version, 'storage') === true).length !== 1) {
    errors.push(invalid('spec.versions', versions, 'must have exactly one version marked as storage version'));
  }
  versions.forEach((version, index) => {
    const path = `spec.versions[${index}].schema.openAPIV3Schema`;
    const schema = objectAt(version, 'schema')['openAPIV3Schema'];
    if (!isJsonObject(schema)) errors.push(required(path, 'schemas are required'));
    else if (!sameJson(schema, objectAt(old, 'spec', 'versions', index, 'schema')['openAPIV3Schema'])) {
      errors.push(...validateSchema(schema, path));
    }
  });
  return errors;
}

/** Rules and patterns that do not compile, anywhere in a schema. */
function validateSchema(schema: Json, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  listAt(schema, 'x-kubernetes-validations').forEach((entry, index) => {
    const rule = textAt(entry, 'rule') ?? '';
    const field = `${path}.x-kubernetes-validations[${index}].rule`;
    const problem = problemOf(() => compileCel(rule));
    if (problem !== undefined) errors.push(invalid(field, entry, `compilation failed: ${problem}`));
  });
  const pattern = textAt(schema, 'pattern');
  if (pattern !== undefined && problemOf(() => schemaPattern(pattern)) !== undefined) {
    errors.push(invalid(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${pattern}`));
  }
  for (const [name, property] of Object.entries(objectAt(schema, 'properties'))) {
    errors.push(...validateSchema(property ?? null, `${path}.properties[${name}]`));
  }
  for (const field of ['items', 'additionalProperties']) {
    const below = isJsonObject(schema) ? schema[field] : undefined;
    if (isJsonObject(below)) errors.push(...validateSchema(below, `${path}.${field}`));
  }
  return errors;
}

function problemOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
