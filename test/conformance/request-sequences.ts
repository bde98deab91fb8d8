import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/model/json.ts';
import { type SequenceKind, contentsOf, defined, sequenceKinds, someMetadata, statusOf } from './sequence-contents.ts';

/** One request, without what differs between two servers: versions, identities and tokens are put in when it is sent. */
export interface SequenceStep {
  readonly verb:
    | 'create'
    | 'replace'
    | 'merge'
    | 'json'
    | 'strategic'
    | 'apply'
    | 'delete'
    | 'deletecollection'
    | 'get'
    | 'list';
  readonly kind: SequenceKind;
  readonly namespace: 0 | 1;
  readonly name: 'a' | 'b';
  readonly subresource?: 'status' | 'scale';
  /** The object, the patch, or the options of a delete. */
  readonly body?: Json;
  /** Which resourceVersion the body carries, or the delete insists on. */
  readonly version?: 'current' | 'first' | 'odd';
  /** Which uid the body carries, or the delete insists on. */
  readonly uid?: 'own' | 'other';
  /** What the body's head says wrongly. */
  readonly wrong?: 'name' | 'namespace' | 'kind' | 'apiVersion';
  /** A list goes on where the last one of its kind stopped. */
  readonly continues?: true;
  /** The answer is asked for as a table. */
  readonly table?: true;
  readonly as?: 'nobody';
  readonly query?: Readonly<Record<string, string>>;
}

/** Sequences of 1 to 12 requests about a few objects of one kind. Shrinks to fewer and plainer requests. */
export const requestSequence: fc.Arbitrary<readonly SequenceStep[]> = fc
  .constantFrom<SequenceKind>(...sequenceKinds, 'gadgets', 'gadgets')
  .chain((kind) => fc.array(step(kind), { minLength: 1, maxLength: 12 }));

/** The value in one of so many cases, undefined in the others. */
const maybe = <Value>(one: number, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof<fc.MaybeWeightedArbitrary<Value | undefined>[]>(
    { weight: one - 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary },
  );

type Query = Readonly<Record<string, string>>;

const writeQuery = maybe(
  2,
  fc.constantFrom<Query>(
    { dryRun: 'All' },
    { fieldValidation: 'Strict' },
    { fieldValidation: 'Ignore' },
    { fieldManager: 'one' },
    { fieldManager: 'one', dryRun: 'All' },
    { force: 'true' },
  ),
);

const applyQuery = fc.constantFrom<Query>(
  { fieldManager: 'one' },
  { fieldManager: 'one' },
  { fieldManager: 'two' },
  { fieldManager: 'two' },
  { fieldManager: 'two', force: 'true' },
  { fieldManager: 'two', dryRun: 'All' },
  { fieldManager: 'two', dryRun: 'All', force: 'true' },
  { fieldManager: 'one', fieldValidation: 'Strict' },
);

const selection: fc.Arbitrary<Query> = fc.constantFrom<Query>(
  {},
  { limit: '1' },
  { limit: '2' },
  { fieldSelector: 'metadata.name!=a' },
  { fieldSelector: 'spec.mode=fast' },
  { fieldSelector: 'status.phase=Running' },
  { labelSelector: 'app=one' },
  { labelSelector: 'app in (one, two),tier' },
  { labelSelector: '!app' },
  { labelSelector: 'app notin (one)', limit: '1' },
  { labelSelector: 'app==' },
  { labelSelector: ',' },
  { resourceVersion: '0', resourceVersionMatch: 'Exact' },
  { resourceVersionMatch: 'NotOlderThan' },
);

// Foreground and Orphan, and owners, are the garbage collector's, which the servers of these sequences do not have.
const deletion: fc.Arbitrary<Json | undefined> = maybe(
  2,
  fc.constantFrom<Json>(
    { propagationPolicy: 'Background' },
    { propagationPolicy: 'Sideways' },
    { gracePeriodSeconds: 0 },
    { gracePeriodSeconds: 5 },
    { dryRun: ['All'] },
    { apiVersion: 'v1', kind: 'DeleteOptions' },
  ),
);

/** One request about an object of the kind. */
function step(kind: SequenceKind): fc.Arbitrary<SequenceStep> {
  const part = fc.record({ metadata: someMetadata, ...contentsOf(kind) }).map(defined);
  const version = maybe(2, fc.constantFrom<SequenceStep['version']>('current', 'current', 'current', 'first', 'odd'));
  const uid = maybe(12, fc.constantFrom<SequenceStep['uid']>('own', 'other'));
  // A custom resource of another kind is not decoded, and its rules meet values that they were not written for.
  const heads = ['name', 'namespace', 'apiVersion', ...(kind === 'gadgets' ? [] : ['kind' as const])] as const;
  const wrong = maybe(25, fc.constantFrom<SequenceStep['wrong']>(...heads));
  const of = request(kind);
  const table = maybe(3, fc.constant(true as const));
  const write = { version, uid, wrong, query: writeQuery };
  return fc.oneof(
    {
      weight: 10,
      arbitrary: of('create', { body: part, wrong, query: writeQuery, table: maybe(8, fc.constant(true)) }),
    },
    { weight: 6, arbitrary: of('replace', { body: part, ...write }) },
    { weight: 8, arbitrary: of('merge', { body: withNulls(part), ...write }) },
    { weight: 4, arbitrary: of('strategic', { body: withNulls(part), ...write }) },
    { weight: 5, arbitrary: of('json', { body: jsonPatch(kind), query: writeQuery }) },
    { weight: 9, arbitrary: of('apply', { body: part, query: applyQuery, uid, wrong }) },
    ...statusSteps(kind),
    { weight: 5, arbitrary: of('delete', { version, uid, body: deletion }) },
    { weight: 1, arbitrary: of('deletecollection', { query: maybe(2, selection) }) },
    { weight: 2, arbitrary: of('get', { table }) },
    { weight: 3, arbitrary: of('list', { query: selection, table, continues: maybe(2, fc.constant(true)) }) },
  );
}

/** Makes requests of a kind with one verb. */
function request(kind: SequenceKind) {
  const place = {
    kind: fc.constant(kind),
    namespace: fc.constantFrom<0 | 1>(0, 0, 0, 1),
    name: fc.constantFrom<'a' | 'b'>('a', 'a', 'a', 'b'),
    as: maybe(40, fc.constant('nobody' as const)),
  };
  return (verb: SequenceStep['verb'], more: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<SequenceStep> =>
    fc.record({ verb: fc.constant(verb), ...place, ...more }).map((found) => defined(found) as unknown as SequenceStep);
}

/** Writes to the status, and for custom resources looks at the scale. */
function statusSteps(kind: SequenceKind): { weight: number; arbitrary: fc.Arbitrary<SequenceStep> }[] {
  const status = statusOf(kind);
  if (status === undefined) return [];
  const of = request(kind);
  const body = fc.record({ metadata: someMetadata, ...status }).map(defined);
  const version = maybe(2, fc.constantFrom<SequenceStep['version']>('current', 'current', 'first'));
  const on = { subresource: fc.constant('status') };
  const steps = [
    { weight: 2, arbitrary: of('replace', { body, version, query: writeQuery, ...on }) },
    { weight: 2, arbitrary: of('merge', { body: withNulls(body), version, query: writeQuery, ...on }) },
    { weight: 1, arbitrary: of('strategic', { body, query: writeQuery, ...on }) },
    { weight: 2, arbitrary: of('apply', { body, query: applyQuery, ...on }) },
    { weight: 1, arbitrary: of('get', on) },
  ];
  if (kind !== 'gadgets') return steps;
  return [...steps, { weight: 1, arbitrary: of('get', { subresource: fc.constant('scale') }) }];
}

/** A merge patch: parts of the object, or what it takes away. */
function withNulls(part: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  const nulls = fc.constantFrom<JsonObject>(
    { metadata: { finalizers: null } },
    { metadata: { labels: { app: null } } },
    { metadata: { annotations: null } },
    { data: null },
    { status: null },
    {},
  );
  return fc.oneof({ weight: 4, arbitrary: part }, { weight: 1, arbitrary: nulls });
}

const paths: Readonly<Record<SequenceKind, readonly (readonly [path: string, ...values: Json[]])[]>> = {
  configmaps: [
    ['/data/a', '7', '1'],
    ['/data', { b: '1' }, {}],
  ],
  events: [
    ['/count', 1, 3],
    ['/type', 'Normal', 'Warning'],
  ],
  gadgets: [
    ['/spec/size', 7, 5, 'x'],
    ['/spec/tags/0', 'a', 'z'],
    ['/spec/tags/-', 'k'],
    ['/status/phase', 'Up'],
  ],
  leases: [
    ['/spec/holderIdentity', 'me', 'him'],
    ['/spec/leaseTransitions', 1, 'x'],
  ],
  persistentvolumeclaims: [
    ['/spec/volumeName', 'v1', 'v2'],
    ['/spec/resources/requests/storage', '1Gi', '3Gi'],
  ],
  persistentvolumes: [
    ['/spec/persistentVolumeReclaimPolicy', 'Retain', 'Delete'],
    ['/spec/claimRef', { name: 'c', namespace: 'n' }],
  ],
  pods: [
    ['/spec/containers/0/image', 'alpine', 'busybox'],
    ['/spec/tolerations/-', { key: 'z', operator: 'Exists' }],
  ],
  secrets: [
    ['/data/a', 'MQ==', 'Nw=='],
    ['/type', 'x', 'Opaque'],
  ],
  storageclasses: [
    ['/allowVolumeExpansion', true, false],
    ['/reclaimPolicy', 'Delete', 'Retain'],
  ],
};

function jsonPatch(kind: SequenceKind): fc.Arbitrary<Json> {
  const onField = fc.constantFrom(...paths[kind]).chain(([path, ...values]) =>
    fc.record({
      op: fc.constantFrom('add', 'replace', 'test'),
      path: fc.constant(path),
      value: fc.constantFrom(...values),
    }),
  );
  const removal = fc.constantFrom(...paths[kind]).map(([path]) => ({ op: 'remove', path }));
  const other = fc.constantFrom<JsonObject>(
    { op: 'add', path: '/metadata/labels/app', value: 'patched' },
    { op: 'replace', path: '/metadata/labels/tier', value: 'patched' },
    { op: 'remove', path: '/metadata/labels/app' },
    { op: 'remove', path: '/metadata/finalizers' },
    { op: 'add', path: '/metadata/finalizers', value: ['example.com/hold'] },
    { op: 'add', path: '/metadata/finalizers/-', value: 'example.com/more' },
    { op: 'remove', path: '/metadata/finalizers/0' },
    { op: 'add', path: '/metadata/annotations', value: { more: 'y' } },
    { op: 'test', path: '/metadata/annotations/more', value: 'y' },
    { op: 'test', path: '/metadata/annotations', value: null },
    { op: 'copy', from: '/metadata/labels', path: '/metadata/annotations' },
    { op: 'move', from: '/metadata/labels/app', path: '/metadata/labels/tier' },
    { op: 'move', from: '/metadata/annotations', path: '/metadata/labels' },
  );
  const operation = fc.oneof<fc.Arbitrary<Json>[]>(onField as fc.Arbitrary<Json>, removal, other);
  return fc.array(operation, { minLength: 1, maxLength: 3 });
}
