import { describe, expect, test } from 'vitest';
import type { Json } from '../../../../src/model/json.ts';
import type { KubeObject } from '../../../../src/model/kube.ts';
import { ApiServer } from '../../../../src/drivers/sim/api-server/api-server.ts';
import { Randomness } from '../../../../src/drivers/sim/random.ts';
import { layoutFor } from '../../../../src/lab/kube-http/table/table.ts';

const now = Date.UTC(2026, 0, 1, 0, 5);
const created = '2026-01-01T00:00:00Z';
const types = new ApiServer({
  cluster: 'cluster1',
  kubernetesVersion: 'v1.36.3',
  wallNow: () => now,
  random: new Randomness(1).stream('api'),
}).resourceTypes();

/** The row of an object as `{ column: cell }`. */
function row(plural: string, object: Partial<KubeObject>): Record<string, Json | undefined> {
  const served = types.find(({ type }) => type.plural === plural);
  if (served === undefined) throw new Error(`${plural} is not served`);
  const { columns, printer } = layoutFor(served);
  const whole = { ...object, metadata: { name: 'it', creationTimestamp: created, ...object.metadata } } as KubeObject;
  const cells = printer.cells(whole, now);
  expect(cells).toHaveLength(columns.length);
  return Object.fromEntries(columns.map((column, index) => [column.name, cells[index]]));
}

test('every served resource has as many cells as columns', () => {
  for (const { type } of types) expect(row(type.plural, {}).Name).toBe('it');
});

describe('pods show the status that people know', () => {
  const pod = (status: object, more: object = {}): unknown => {
    const spec = { containers: [{ name: 'main' }, { name: 'side' }] };
    return row('pods', { spec, status: status as never, ...more }).Status;
  };
  const ready = { name: 'main', ready: true, restartCount: 0, state: { running: {} } };

  test.each([
    ['Pending', { phase: 'Pending' }, 'Pending'],
    ['a reason of the pod', { phase: 'Failed', reason: 'Evicted' }, 'Evicted'],
    [
      'what a container waits for',
      { phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] },
      'ImagePullBackOff',
    ],
    [
      'how a container ended',
      { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 3 } } }] },
      'ExitCode:3',
    ],
    [
      'the signal that ended it',
      { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 137, signal: 9 } } }] },
      'Signal:9',
    ],
    [
      'init containers that are not done',
      { phase: 'Pending', initContainerStatuses: [{ state: { running: {} } }] },
      'Init:0/0',
    ],
  ])('%s', (_what, status, text) => {
    expect(pod(status)).toBe(text);
  });

  test('a deleted pod is terminating until it has ended', () => {
    const metadata = { metadata: { name: 'it', deletionTimestamp: created } };
    expect(pod({ phase: 'Running' }, metadata)).toBe('Terminating');
    expect(pod({ phase: 'Succeeded' }, metadata)).toBe('Succeeded');
  });

  test('ready containers, restarts, place and gates are counted', () => {
    const status = {
      phase: 'Running',
      podIP: '10.0.0.1',
      containerStatuses: [
        ready,
        { name: 'side', restartCount: 3, lastState: { terminated: { finishedAt: created } }, state: {} },
      ],
      conditions: [{ type: 'gate', status: 'True' }],
    };
    const spec = {
      nodeName: 'n1',
      containers: [{ name: 'main' }, { name: 'side' }],
      readinessGates: [{ conditionType: 'gate' }, { conditionType: 'other' }],
    };
    expect(row('pods', { spec, status })).toMatchObject({
      Ready: '1/2',
      Restarts: '3 (5m ago)',
      IP: '10.0.0.1',
      Node: 'n1',
      'Readiness Gates': '1/2',
    });
  });
});

test('nodes show readiness, cordon, roles and addresses', () => {
  const node = {
    metadata: { name: 'it', labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/infra': '' } },
    spec: { unschedulable: true },
    status: {
      conditions: [{ type: 'Ready', status: 'Unknown' }],
      addresses: [{ type: 'InternalIP', address: '192.0.2.1' }],
      nodeInfo: { kubeletVersion: 'v1.36.3' },
    },
  };
  expect(row('nodes', node)).toMatchObject({
    Status: 'NotReady,SchedulingDisabled',
    Roles: 'infra,worker',
    'Internal-IP': '192.0.2.1',
    'External-IP': '<none>',
    'OS-Image': '<unknown>',
  });
});

test('volumes and claims show their binding', () => {
  const spec = { capacity: { storage: '10Gi' }, accessModes: ['ReadWriteMany', 'ReadWriteOnce'] };
  const claimRef = { namespace: 'default', name: 'disk' };
  expect(row('persistentvolumes', { spec: { ...spec, claimRef }, status: { phase: 'Bound' } })).toMatchObject({
    Capacity: '10Gi',
    'Access Modes': 'RWO,RWX',
    Claim: 'default/disk',
    VolumeMode: '<unset>',
  });
  const lost = { spec: { volumeName: 'pv', storageClassName: 'fast' }, status: { phase: 'Lost' } };
  expect(row('persistentvolumeclaims', lost)).toMatchObject({
    Status: 'Lost',
    Volume: 'pv',
    Capacity: '0',
    StorageClass: 'fast',
  });
  const pending = { spec: { resources: {} }, status: { phase: 'Pending' } };
  expect(row('persistentvolumeclaims', pending)).toMatchObject({ Volume: '', Capacity: '', 'Access Modes': '' });
});

test('events show what happened to what, when last and when first', () => {
  const event = {
    type: 'Warning',
    reason: 'FailedMount',
    message: ' no device ',
    count: 4,
    involvedObject: { kind: 'Pod', name: 'web' },
    source: { component: 'kubelet', host: 'n1' },
    firstTimestamp: created,
    lastTimestamp: '2026-01-01T00:04:00Z',
  };
  expect(row('events', event)).toMatchObject({
    'Last Seen': '60s',
    'First Seen': '5m',
    Object: 'pod/web',
    Source: 'kubelet, n1',
    Message: 'no device',
    Count: 4,
  });
});

test('a default StorageClass says so, and claims show the class of the annotation', () => {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  expect(row('storageclasses', { metadata: { name: 'fast', annotations } }).Name).toBe('fast (default)');
});

test('deployments show their replicas and what they run', () => {
  const spec = {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      spec: {
        containers: [
          { name: 'a', image: 'x:1' },
          { name: 'b', image: 'y:2' },
        ],
      },
    },
  };
  expect(row('deployments', { spec, status: { readyReplicas: 1, updatedReplicas: 2 } })).toMatchObject({
    Ready: '1/2',
    'Up-to-date': 2,
    Available: 0,
    Containers: 'a,b',
    Images: 'x:1,y:2',
    Selector: 'app=web',
  });
});
