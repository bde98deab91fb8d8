import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../../src/model/json.ts';
import type { KubeObject } from '../../src/model/kube.ts';

export const crdText = readFileSync(join(import.meta.dirname, '..', '..', 'crds', 'protection-group-crd.yaml'), 'utf8');

/** The CustomResourceDefinitions of the file, as a client sends them. */
export const crds: readonly KubeObject[] = parseAllDocuments(crdText).map((document) => {
  if (document.errors[0] !== undefined) throw document.errors[0];
  return document.toJS() as KubeObject;
});

/** A node of a schema, with where it stands: `spec.virtualMachines[].name`. */
export interface SchemaNode {
  readonly path: string;
  readonly schema: JsonObject;
}

/** Every node of a schema below the root, in the order of the file. */
export function nodesOf(schema: JsonObject, path = ''): SchemaNode[] {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, JsonObject>);
  const items = schema['items'] as JsonObject | undefined;
  const children = [
    ...properties.map(([name, child]) => ({ path: path === '' ? name : `${path}.${name}`, schema: child })),
    ...(items === undefined ? [] : [{ path: `${path}[]`, schema: items }]),
  ];
  return children.flatMap((child) => [child, ...nodesOf(child.schema, child.path)]);
}
