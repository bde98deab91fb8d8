import type { JsonObject } from '../../src/model/json.ts';

/** A CustomResourceDefinition with what custom resources can have: defaults, pruning, rules, status, scale, columns. */
export const gadgetDefinition: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.conformance.example.com' },
  spec: {
    group: 'conformance.example.com',
    scope: 'Namespaced',
    names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList', shortNames: ['gd'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        selectableFields: [{ jsonPath: '.spec.mode' }],
        additionalPrinterColumns: [
          { name: 'Mode', type: 'string', jsonPath: '.spec.mode' },
          { name: 'Size', type: 'integer', jsonPath: '.spec.size', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        schema: { openAPIV3Schema: gadgetSchema() },
      },
    ],
  },
};

function gadgetSchema(): JsonObject {
  return {
    type: 'object',
    required: ['spec'],
    properties: {
      spec: {
        type: 'object',
        required: ['size'],
        'x-kubernetes-validations': [
          { rule: "self.mode != 'fast' || self.size <= 10", message: 'a fast gadget has at most size 10' },
          {
            rule: 'self.replicas <= self.size',
            messageExpression: "self.replicas > 50 ? 'far above size' : 'above size'",
            fieldPath: '.replicas',
          },
        ],
        properties: {
          size: { type: 'integer', minimum: 1, maximum: 100 },
          mode: { type: 'string', enum: ['slow', 'fast'], default: 'slow' },
          replicas: { type: 'integer', default: 1 },
          code: { type: 'string', pattern: '^[A-Z]{2}$', maxLength: 2 },
          when: { type: 'string', format: 'date-time' },
          ratio: { type: 'number', multipleOf: 0.5 },
          port: { 'x-kubernetes-int-or-string': true },
          flag: { type: 'boolean' },
          note: { type: 'string', nullable: true },
          owner: {
            type: 'string',
            'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'owner is immutable' }],
          },
          tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set', maxItems: 3 },
          parts: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: {
              type: 'object',
              required: ['name'],
              properties: { name: { type: 'string' }, weight: { type: 'integer', default: 5 } },
            },
          },
          box: {
            type: 'object',
            default: {},
            properties: { colour: { type: 'string', default: 'grey' }, label: { type: 'string' } },
          },
          free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          limits: { type: 'object', additionalProperties: { type: 'integer' }, maxProperties: 2 },
          unit: {
            type: 'object',
            'x-kubernetes-map-type': 'atomic',
            properties: { name: { type: 'string' }, scale: { type: 'integer' } },
          },
        },
      },
      status: {
        type: 'object',
        properties: {
          phase: { type: 'string' },
          replicas: { type: 'integer' },
          conditions: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['type'],
            items: {
              type: 'object',
              required: ['type', 'status'],
              properties: { type: { type: 'string' }, status: { type: 'string', enum: ['True', 'False', 'Unknown'] } },
            },
          },
        },
      },
    },
  };
}

/** A gadget with a spec. */
export function gadget(name: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'conformance.example.com/v1',
    kind: 'Gadget',
    metadata: { name, ...metadata },
    spec: { size: 5, ...spec },
  };
}
