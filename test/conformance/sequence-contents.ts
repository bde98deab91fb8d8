import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/model/json.ts';

/** Kinds that sequences of requests are about. */
export const sequenceKinds = [
  'configmaps',
  'events',
  'gadgets',
  'leases',
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'secrets',
  'storageclasses',
] as const;

export type SequenceKind = (typeof sequenceKinds)[number];

type Fields = Readonly<Record<string, fc.Arbitrary<Json | undefined>>>;

/** Some fields of an object of the kind besides its metadata, mostly such as are accepted. NAMESPACE stands for where it is. */
export function contentsOf(kind: SequenceKind): Fields {
  return contents[kind];
}

/** What a write to the status carries: a status, and what it may not change too. Undefined for kinds without one. */
export function statusOf(kind: SequenceKind): Fields | undefined {
  return statuses[kind];
}

/** Some metadata besides the name. One in thirty is refused. */
export const someMetadata: fc.Arbitrary<JsonObject | undefined> = fc.oneof(
  { weight: 14, arbitrary: fc.constant(undefined) },
  {
    weight: 14,
    arbitrary: fc.constantFrom<JsonObject>(
      { labels: { app: 'one' } },
      { labels: { app: 'two', tier: 'front' } },
      { labels: {} },
      { annotations: { note: 'x' } },
      { annotations: { note: 'y', 'example.com/why': '' } },
      { finalizers: ['example.com/hold'] },
      { finalizers: ['example.com/hold', 'example.com/keep'] },
      { managedFields: [] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<JsonObject>(
      { labels: { 'not a key': 'x' } },
      { labels: { app: 'not a value' } },
      { annotations: { '/': 'x' } },
      { finalizers: ['hold'] },
      { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '' }] },
      { odd: true },
      { labels: { app: 1 } },
      { labels: null },
    ),
  },
);

const sometimes = <Value>(...values: readonly Value[]): fc.Arbitrary<Value | undefined> =>
  fc.option(fc.constantFrom(...values), { nil: undefined, freq: 2 });

const seldom = <Value>(...values: readonly Value[]): fc.Arbitrary<Value | undefined> =>
  fc.oneof(
    { weight: 14, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom<Value | undefined>(...values) },
  );

const usually = (usual: fc.Arbitrary<Json | undefined>, ...odd: readonly Json[]): fc.Arbitrary<Json | undefined> =>
  fc.oneof(
    { weight: 12, arbitrary: usual },
    { weight: 1, arbitrary: fc.constantFrom<Json | undefined>(undefined, ...odd) },
  );

const object = (fields: Fields): fc.Arbitrary<JsonObject> => fc.record(fields).map(defined);

/** The object without fields that are undefined. */
export function defined(value: object): JsonObject {
  return Object.fromEntries<Json>(Object.entries(value).filter(([, item]) => item !== undefined));
}

const gadgetStatus = sometimes<JsonObject>(
  { phase: 'Up' },
  { phase: 'Down', conditions: [{ type: 'Ready', status: 'True' }] },
  { conditions: [{ type: 'Ready', status: 'Maybe' }] },
  { conditions: [{ type: 'Live', status: 'True' }], replicas: 2 },
  { phase: null, odd: 1 },
);

const gadgetSpec = object({
  size: usually(fc.constantFrom<Json>(1, 5, 5, 9), 0, 'five', null, 7.5),
  mode: sometimes<Json>('slow', 'fast', 'fast', 'odd', null),
  replicas: sometimes<Json>(1, 3, 8, null),
  tags: sometimes<Json>(['a'], ['b', 'a'], [], ['a', 'a'], ['a', 'b', 'c', 'd']),
  parts: sometimes<Json>(
    [{ name: 'p' }],
    [
      { name: 'q', weight: 2 },
      { name: 'p', weight: 1 },
    ],
    [{ weight: 1 }],
    [{ name: 'p' }, { name: 'p' }],
    [{ name: 'r', weight: null }],
  ),
  owner: sometimes<Json>('me', 'me', 'you'),
  box: sometimes<Json>({}, { colour: 'red' }, { label: 'x', odd: 1 }, null),
  free: sometimes<Json>({ any: { thing: [1, null] } }, { other: 2 }),
  limits: sometimes<Json>({ a: 1 }, { b: 2, a: 3 }, { a: null, b: 1 }, { a: 1, b: 2, c: 3 }),
  unit: sometimes<Json>({ name: 'm' }, { scale: 3 }, {}),
  note: sometimes<Json>('n', null),
  code: seldom<Json>('AB', 'ABC', 'x'),
  when: seldom<Json>('2026-01-02T03:04:05Z', 'now'),
  ratio: seldom<Json>(0.5, 0.3, 2),
  port: seldom<Json>(80, 'http', true),
  flag: seldom<Json>(true, 'yes', null),
  odd: seldom<Json>(1),
});

const claimSpec = object({
  accessModes: usually(
    fc.constantFrom<Json>(['ReadWriteOnce'], ['ReadWriteOnce'], ['ReadWriteMany', 'ReadWriteOnce']),
    [],
  ),
  resources: usually(
    fc.constantFrom<Json>({ requests: { storage: '1Gi' } }, { requests: { storage: '2048Mi' } }),
    { requests: { storage: 'big' } },
    { requests: { storage: 0 } },
  ),
  storageClassName: sometimes<Json>('', 'fast'),
  volumeName: sometimes<Json>('v1', 'v2'),
  volumeMode: sometimes<Json>('Block', 'Filesystem'),
  odd: seldom<Json>(1),
});

const volumeSpec = object({
  accessModes: usually(fc.constantFrom<Json>(['ReadWriteOnce'], ['ReadWriteMany', 'ReadWriteOnce']), [], ['Never']),
  capacity: usually(fc.constantFrom<Json>({ storage: '1Gi' }, { storage: '1024Mi' }, { storage: '2Gi' })),
  csi: usually(
    fc.constantFrom<Json>(
      { driver: 'd.example.com', volumeHandle: 'h' },
      { driver: 'd.example.com', volumeHandle: 'i' },
    ),
    { driver: 'd.example.com' },
  ),
  persistentVolumeReclaimPolicy: sometimes<Json>('Retain', 'Delete', 'Keep'),
  storageClassName: sometimes<Json>('fast', ''),
  claimRef: sometimes<Json>({ namespace: 'n', name: 'c' }, { namespace: 'n', name: 'c', uid: 'u' }, null),
  volumeMode: sometimes<Json>('Block', 'Filesystem'),
});

const podSpec = object({
  containers: usually(
    fc.constantFrom<Json>(
      [{ name: 'main', image: 'busybox' }],
      [{ name: 'main', image: 'alpine' }],
      [{ name: 'main', image: 'busybox', resources: { requests: { cpu: '500m', memory: '1Gi' } } }],
      [{ name: 'main', image: 'busybox', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] }],
    ),
    [],
    [{ name: 'main' }],
    [
      { name: 'main', image: 'busybox' },
      { name: 'main', image: 'busybox' },
    ],
  ),
  schedulerName: fc.constant('nobody'),
  automountServiceAccountToken: fc.constant(false),
  tolerations: sometimes<Json>(
    [{ key: 'a', operator: 'Exists' }],
    [{ key: 'b', value: 'c', effect: 'NoSchedule' }],
    [
      { key: 'a', operator: 'Exists' },
      { key: 'b', value: 'c', effect: 'NoSchedule' },
    ],
  ),
  terminationGracePeriodSeconds: sometimes<Json>(0, 7),
  restartPolicy: sometimes<Json>('Never', 'Always'),
  nodeSelector: sometimes<Json>({ zone: 'x' }),
  activeDeadlineSeconds: seldom<Json>(100, 50),
  hostname: seldom<Json>('h', 'H'),
  odd: seldom<Json>(1),
});

const leaseSpec = object({
  holderIdentity: sometimes<Json>('me', 'you', ''),
  leaseDurationSeconds: sometimes<Json>(15, 30, 30, 0),
  renewTime: sometimes<Json>(
    '2026-01-02T03:04:05.678901Z',
    '2026-01-02T03:04:06.000000Z',
    '2026-01-02T03:04:06Z',
    'now',
  ),
  leaseTransitions: sometimes<Json>(0, 2, -1),
  odd: seldom<Json>(1),
});

const contents: Readonly<Record<SequenceKind, Fields>> = {
  configmaps: {
    data: sometimes<Json>({ a: '1' }, { a: '2', b: '1' }, { b: '2' }, {}, { a: null, b: '3' }, { 'not a key': '1' }),
    binaryData: seldom<Json>({ c: 'AAEC' }, { c: '%' }),
    immutable: seldom<Json>(true, false, 'yes'),
    extra: seldom<Json>('x'),
  },
  events: {
    involvedObject: fc.constantFrom<Json>(
      { kind: 'Pod', namespace: 'NAMESPACE', name: 'p' },
      { namespace: 'NAMESPACE', uid: 'u' },
    ),
    reason: sometimes<Json>('Started', ''),
    message: sometimes<Json>('m', 'n'),
    type: sometimes<Json>('Normal', 'Warning', 'Odd'),
    count: sometimes<Json>(1, 2, 0),
    firstTimestamp: sometimes<Json>('2026-01-02T03:04:05Z', null, 'now'),
    source: sometimes<Json>({ component: 'c' }, {}),
  },
  gadgets: { spec: gadgetSpec, status: gadgetStatus, extra: seldom<Json>('x') },
  leases: { spec: leaseSpec },
  persistentvolumeclaims: { spec: claimSpec },
  persistentvolumes: { spec: volumeSpec },
  pods: { spec: podSpec },
  secrets: {
    data: sometimes<Json>({ a: 'MQ==' }, { a: 'Mg==', b: 'MQ==' }, { a: '%' }),
    type: seldom<Json>('Opaque', 'example.com/own'),
    immutable: seldom<Json>(true),
  },
  storageclasses: {
    provisioner: usually(fc.constantFrom<Json>('p.example.com', 'p.example.com', 'q.example.com'), ''),
    parameters: sometimes<Json>({ a: '1' }, { a: '2' }),
    reclaimPolicy: sometimes<Json>('Delete', 'Retain', 'Keep'),
    volumeBindingMode: sometimes<Json>('Immediate', 'WaitForFirstConsumer', 'Never'),
    allowVolumeExpansion: sometimes<Json>(true, false),
    mountOptions: seldom<Json>(['ro'], []),
  },
};

/** Of conditions of built-in kinds; without them a real server shows null. */
const conditionTimes = { lastProbeTime: '2026-01-02T03:04:05Z', lastTransitionTime: '2026-01-02T03:04:05Z' };

const statuses: Readonly<Partial<Record<SequenceKind, Fields>>> = {
  gadgets: {
    spec: sometimes<JsonObject>({ size: 9 }, { size: 5, mode: 'fast' }),
    status: gadgetStatus,
  },
  persistentvolumeclaims: {
    status: sometimes<JsonObject>(
      { phase: 'Bound', capacity: { storage: '1024Mi' }, accessModes: ['ReadWriteOnce'] },
      { phase: 'Pending' },
      { phase: 'Lost' },
    ),
  },
  persistentvolumes: {
    status: sometimes<JsonObject>({ phase: 'Available' }, { phase: 'Bound' }, { phase: 'Released', message: 'm' }),
  },
  pods: {
    status: sometimes<JsonObject>(
      { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] },
      { phase: 'Failed', reason: 'Evicted', message: 'gone' },
      { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', ...conditionTimes }] },
    ),
  },
};
