import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/model/json.ts';

/** Kinds that sequences of requests are about. */
export type SequenceKind = 'configmaps' | 'gadgets' | 'leases' | 'persistentvolumeclaims' | 'pods';

/** One request, without what differs between two servers: versions are put in when it is sent. */
export interface SequenceStep {
  readonly verb: 'create' | 'replace' | 'merge' | 'json' | 'apply' | 'delete' | 'get' | 'list';
  readonly kind: SequenceKind;
  readonly namespace: 0 | 1;
  readonly name: 'a' | 'b';
  readonly subresource?: 'status';
  /** The object, or the patch. */
  readonly body?: Json;
  /** Which resourceVersion the body carries, or the delete insists on. */
  readonly version?: 'current' | 'first';
  readonly query?: Readonly<Record<string, string>>;
}

/** Sequences of 1 to 10 requests about a few objects. Shrinks to fewer and plainer requests. */
export const requestSequence: fc.Arbitrary<readonly SequenceStep[]> = fc
  .constantFrom<SequenceKind>('configmaps', 'gadgets', 'leases', 'persistentvolumeclaims', 'pods')
  .chain((kind) => fc.array(step(kind), { minLength: 1, maxLength: 10 }));

const optional = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

function step(kind: SequenceKind): fc.Arbitrary<SequenceStep> {
  const place = {
    kind: fc.constant(kind),
    namespace: fc.constantFrom<0 | 1>(0, 0, 0, 1),
    name: fc.constantFrom<'a' | 'b'>('a', 'a', 'a', 'b'),
  };
  const version = optional(fc.constantFrom<'current' | 'first'>('current', 'current', 'first'));
  const query = optional(fc.constantFrom<Record<string, string>>({ dryRun: 'All' }, { fieldValidation: 'Strict' }));
  const part = partOf(kind);
  const statusBody = fc.record({ metadata, ...statusContents }).map(defined);
  const of = (verb: SequenceStep['verb'], more: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<SequenceStep> =>
    fc
      .record({ verb: fc.constant(verb), ...place, ...more })
      .map((found) => Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as never);
  const onStatus = { subresource: fc.constant('status') };
  const statusSteps = [
    { weight: 1, arbitrary: of('replace', { body: statusBody, version, query, ...onStatus }) },
    { weight: 1, arbitrary: of('merge', { body: statusBody, version, query, ...onStatus }) },
    { weight: 1, arbitrary: of('apply', { body: statusBody, query: applyQuery, ...onStatus }) },
  ];
  return fc.oneof(
    { weight: 5, arbitrary: of('create', { body: part, query }) },
    { weight: 3, arbitrary: of('replace', { body: part, version, query }) },
    { weight: 4, arbitrary: of('merge', { body: mergePatch(part), version, query }) },
    { weight: 2, arbitrary: of('json', { body: jsonPatch(kind), query }) },
    { weight: 4, arbitrary: of('apply', { body: part, query: applyQuery }) },
    ...(kind === 'gadgets' ? statusSteps : []),
    { weight: 3, arbitrary: of('delete', { version, query: optional(fc.constant({ dryRun: 'All' })) }) },
    { weight: 1, arbitrary: of('get', {}) },
    {
      weight: 1,
      arbitrary: of('list', {
        query: optional(fc.constantFrom({ limit: '1' }, { fieldSelector: 'metadata.name!=a' })),
      }),
    },
  );
}

const applyQuery = fc.constantFrom<Record<string, string>>(
  { fieldManager: 'one' },
  { fieldManager: 'two' },
  { fieldManager: 'two', force: 'true' },
);

const metadata = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<JsonObject>(
      { labels: { app: 'one' } },
      { labels: { app: 'two', tier: 'front' } },
      { annotations: { note: 'x' } },
      { finalizers: ['example.com/hold'] },
      { labels: {} },
    ),
  },
);

/** Some fields of an object of the kind, as one may apply them. */
function partOf(kind: SequenceKind): fc.Arbitrary<JsonObject> {
  return fc.record({ metadata, ...contents[kind] }).map(defined);
}

function mergePatch(part: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  const nulls = fc.constantFrom<JsonObject>(
    { metadata: { finalizers: null } },
    { metadata: { labels: { app: null } } },
    {},
  );
  return fc.oneof({ weight: 3, arbitrary: part }, { weight: 1, arbitrary: nulls });
}

function jsonPatch(kind: SequenceKind): fc.Arbitrary<Json> {
  const field = kind === 'configmaps' ? '/data/a' : kind === 'pods' ? '/spec/containers/0/image' : '/spec/size';
  const value = kind === 'gadgets' ? 7 : '7';
  return fc.array(
    fc.constantFrom<JsonObject>(
      { op: 'add', path: '/metadata/labels/app', value: 'patched' },
      { op: 'remove', path: '/metadata/labels/app' },
      { op: 'remove', path: '/metadata/finalizers' },
      { op: 'replace', path: field, value },
      { op: 'test', path: field, value },
      { op: 'add', path: '/metadata/annotations', value: { more: 'y' } },
    ),
    { minLength: 1, maxLength: 2 },
  );
}

const sometimes = <Value>(...values: readonly Value[]): fc.Arbitrary<Value | undefined> =>
  optional(fc.constantFrom(...values));

const spec = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> =>
  fc.record(fields).map((found) => defined(found as JsonObject));

/** A write to the status carries what it may not change, too. */
const statusContents: Record<string, fc.Arbitrary<Json | undefined>> = {
  spec: sometimes<JsonObject>({ size: 9 }, { size: 5, mode: 'fast' }),
  status: sometimes<JsonObject>(
    { phase: 'Up' },
    { phase: 'Down', conditions: [{ type: 'Ready', status: 'True' }] },
    { conditions: [{ type: 'Ready', status: 'Maybe' }] },
  ),
};

const contents: Readonly<Record<SequenceKind, Record<string, fc.Arbitrary<Json | undefined>>>> = {
  configmaps: {
    data: sometimes<JsonObject>({ a: '1' }, { a: '2', b: '1' }, { b: '2' }, {}),
    immutable: fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant(true) }),
    extra: fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant('x') }),
  },
  gadgets: {
    spec: spec({
      size: fc.constantFrom<Json>(1, 5, 5, 9, 0, 'five'),
      mode: sometimes<Json>('slow', 'fast', 'odd', null),
      replicas: sometimes<Json>(1, 3, 8),
      tags: sometimes<Json>(['a'], ['b', 'a'], [], ['a', 'a']),
      parts: sometimes<Json>(
        [{ name: 'p' }],
        [
          { name: 'q', weight: 2 },
          { name: 'p', weight: 1 },
        ],
        [{ weight: 1 }],
      ),
      owner: sometimes<Json>('me', 'you'),
      box: sometimes<Json>({}, { colour: 'red' }, { label: 'x', odd: 1 }),
      free: sometimes<Json>({ any: { thing: [1, null] } }),
      limits: sometimes<Json>({ a: 1 }, { b: 2, a: 3 }),
      unit: sometimes<Json>({ name: 'm' }, { scale: 3 }),
      note: sometimes<Json>('n', null),
    }),
    status: sometimes<JsonObject>(
      { phase: 'Up' },
      { phase: 'Down', conditions: [{ type: 'Ready', status: 'True' }] },
      { conditions: [{ type: 'Ready', status: 'Maybe' }] },
    ),
  },
  leases: {
    spec: spec({
      holderIdentity: sometimes<Json>('me', 'you', ''),
      leaseDurationSeconds: sometimes<Json>(15, 30, 0),
      renewTime: sometimes<Json>('2026-01-02T03:04:05.678901Z', '2026-01-02T03:04:06.000000Z'),
      leaseTransitions: sometimes<Json>(0, 2),
    }),
  },
  persistentvolumeclaims: {
    spec: spec({
      accessModes: fc.constantFrom<Json>(['ReadWriteOnce'], ['ReadWriteOnce'], ['ReadWriteMany', 'ReadWriteOnce'], []),
      resources: fc.constantFrom<Json>({ requests: { storage: '1Gi' } }, { requests: { storage: '2048Mi' } }),
      storageClassName: sometimes<Json>('', 'fast'),
      volumeName: sometimes<Json>('v1', 'v2'),
      volumeMode: sometimes<Json>('Block', 'Filesystem'),
    }),
  },
  pods: {
    spec: spec({
      containers: fc.constantFrom<Json>(
        [{ name: 'main', image: 'busybox' }],
        [{ name: 'main', image: 'alpine' }],
        [{ name: 'main', image: 'busybox', resources: { requests: { cpu: '500m', memory: '1Gi' } } }],
        [],
      ),
      schedulerName: fc.constant('nobody'),
      automountServiceAccountToken: fc.constant(false),
      tolerations: sometimes<Json>(
        [{ key: 'a', operator: 'Exists' }],
        [{ key: 'b', value: 'c', effect: 'NoSchedule' }],
      ),
      terminationGracePeriodSeconds: sometimes<Json>(0, 7),
      restartPolicy: sometimes<Json>('Never', 'Always'),
      nodeSelector: sometimes<Json>({ zone: 'x' }),
    }),
  },
};

function defined(value: object): JsonObject {
  return Object.fromEntries<Json>(Object.entries(value).filter(([, item]) => item !== undefined));
}
