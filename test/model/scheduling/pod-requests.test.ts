import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/json.ts';
import type { KubeObject } from '../../../src/model/kube.ts';
import { requestsOfPod } from '../../../src/model/scheduling/pod-requests.ts';

const pod = (spec: JsonObject): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod' }, spec });
const container = (cpu: string, memory: string, more: JsonObject = {}): JsonObject => ({
  resources: { requests: { cpu, memory } },
  ...more,
});
const sidecar = { restartPolicy: 'Always' };

test('a launcher pod requests what its compute container and its log container request, devices too', () => {
  const log = container('5m', '35M', sidecar);
  const compute = { resources: { requests: { cpu: '100m', memory: '800Mi', 'devices.kubevirt.io/kvm': '1' } } };
  const requests = requestsOfPod(pod({ initContainers: [log], containers: [compute] }));
  expect(requests).toEqual({
    cpu: 105,
    memory: 800 * 2 ** 20 + 35e6,
    'devices.kubevirt.io/kvm': 1,
    pods: 1,
  });
});

test.each([
  ['an init container counts only where it is the larger', [container('1', '3Gi')], 1, 3],
  [
    'it runs beside the sidecars before it, not those behind it',
    [container('1', '1Gi', sidecar), container('2', '3Gi'), container('1', '1Gi', sidecar)],
    4,
    4,
  ],
])('%s', (_title, initContainers, cpu, gibibytes) => {
  const requests = requestsOfPod(pod({ initContainers, containers: [container('1', '1Gi'), container('1', '1Gi')] }));
  expect(requests).toEqual({ cpu: 1000 * Math.max(2, cpu), memory: gibibytes * 2 ** 30, pods: 1 });
});

test('what the pod as a whole requests goes before its containers, and its overhead comes on top', () => {
  const resources = { requests: { memory: '4Gi' } };
  const spec = { resources, overhead: { memory: '1Gi' }, containers: [container('1', '1Gi')] };
  expect(requestsOfPod(pod(spec))).toEqual({ cpu: 1000, memory: 5 * 2 ** 30, pods: 1 });
});
