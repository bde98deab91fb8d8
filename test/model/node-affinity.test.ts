import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import { hasNodeAffinity, volumeFitsNode } from '../../src/model/node-affinity.ts';
import { node, volume } from './kubevirt-objects.ts';

const pinned = (...terms: readonly JsonObject[]): KubeObject => {
  const made = volume();
  return { ...made, spec: { ...made.spec, nodeAffinity: { required: { nodeSelectorTerms: terms } } } };
};
const expression = (key: string, operator: string, ...values: readonly string[]): JsonObject => ({
  key,
  operator,
  ...(values.length === 0 ? {} : { values }),
});
const a1 = node('node-a1', { 'linbit.com/hostname': 'node-a1', 'topology.kubernetes.io/zone': 'a', generation: '3' });

test('a volume without affinity fits every node', () => {
  expect(hasNodeAffinity(volume())).toBe(false);
  expect(volumeFitsNode(volume(), a1)).toBe(true);
});

test('one term that holds is enough, and all of its requirements must', () => {
  const here = expression('linbit.com/hostname', 'In', 'node-a1');
  const there = expression('linbit.com/hostname', 'In', 'node-b1');
  expect(volumeFitsNode(pinned({ matchExpressions: [there] }, { matchExpressions: [here] }), a1)).toBe(true);
  expect(volumeFitsNode(pinned({ matchExpressions: [here, there] }), a1)).toBe(false);
});

test.each([
  [expression('topology.kubernetes.io/zone', 'NotIn', 'b'), true],
  [expression('topology.kubernetes.io/zone', 'NotIn', 'a'), false],
  [expression('rack', 'NotIn', 'r1'), true],
  [expression('rack', 'Exists'), false],
  [expression('rack', 'DoesNotExist'), true],
  [expression('generation', 'Gt', '2'), true],
  [expression('generation', 'Lt', '3'), false],
  [expression('generation', 'Near', '3'), false],
])('%j on that node: %s', (requirement, fits) => {
  expect(volumeFitsNode(pinned({ matchExpressions: [requirement] }), a1)).toBe(fits);
});

test('a term may name the node itself, and an empty term matches none', () => {
  expect(volumeFitsNode(pinned({ matchFields: [expression('metadata.name', 'In', 'node-a1')] }), a1)).toBe(true);
  expect(volumeFitsNode(pinned({}), a1)).toBe(false);
});
