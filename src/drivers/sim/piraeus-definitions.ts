import type { JsonObject } from '../../model/json.ts';

/** The resource types of the Piraeus operator that the product asks for, with an open schema. */
export function piraeusDefinitions(): readonly JsonObject[] {
  return [definition('LinstorCluster', 'linstorclusters', 'linstorcluster')];
}

function definition(kind: string, plural: string, singular: string): JsonObject {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.piraeus.io` },
    spec: {
      group: 'piraeus.io',
      scope: 'Cluster',
      names: { kind, plural, singular, listKind: `${kind}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } },
        },
      ],
    },
  };
}
