import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/model/json.ts';
import { known, unknown } from '../../src/model/known.ts';
import { volumeViews } from '../../src/model/linstor-reading.ts';

const entry = (more: JsonObject = {}): JsonObject => ({
  name: 'vol',
  node_name: 'node-a',
  flags: [],
  state: { in_use: false },
  layer_object: {
    drbd: { may_promote: true, connections: { 'node-b': { connected: true, message: 'Connected' } } },
  },
  volumes: [
    {
      state: { disk_state: 'UpToDate', replication_states: { 'node-b': { replication_state: 'Established' } } },
    },
  ],
  ...more,
});

interface Answers {
  readonly resources?: readonly Json[];
  readonly props?: Json;
  readonly shared?: Json;
  readonly common?: Json;
}

function read({ resources = [entry()], props = {}, shared = {}, common = {} }: Answers = {}) {
  const views = volumeViews(['vol'], {
    resources: known(resources),
    definitions: known([{ name: 'vol', resource_group_name: 'Sc-1', props }]),
    groups: known([{ name: 'sc-1', props: shared }]),
    properties: known(common),
    siteOfNode: (node) => (node === 'node-a' ? 'cluster1' : undefined),
  });
  if (!views.known) throw new Error(views.why);
  return views.value.get('vol');
}

describe('what LINSTOR says of a volume', () => {
  test('is read with its site, role, disk and peers', () => {
    expect(read()?.replicas).toEqual([
      {
        resource: 'vol',
        node: 'node-a',
        site: 'cluster1',
        kind: 'diskful',
        inUse: 'no',
        diskState: 'UpToDate',
        mayPromote: 'yes',
        peers: [{ node: 'node-b', connection: 'Connected', replication: 'Established', donePercentage: undefined }],
      },
    ]);
  });

  test('is unknown where a satellite that is offline reports nothing', () => {
    const silent = { name: 'vol', node_name: 'node-a', layer_object: { drbd: {} }, volumes: [{}] };
    expect(read({ resources: [silent] })?.replicas).toMatchObject([
      { inUse: 'unknown', diskState: undefined, mayPromote: 'unknown', peers: [] },
    ]);
  });

  test('tells diskful replicas, tiebreakers and diskless clients apart', () => {
    const kinds = [[], ['DISKLESS', 'DRBD_DISKLESS'], ['DISKLESS', 'DRBD_DISKLESS', 'TIE_BREAKER']];
    expect(read({ resources: kinds.map((flags) => entry({ flags })) })?.replicas.map(({ kind }) => kind)).toEqual([
      'diskful',
      'client',
      'tiebreaker',
    ]);
  });

  test('names a resync without its percentage', () => {
    const resync = entry({ volumes: [{ state: { disk_state: 'SyncTarget(37.50%)' } }] });
    expect(read({ resources: [resync] })?.replicas[0]?.diskState).toBe('SyncTarget');
  });

  test("has options by their precedence: the definition above the controller, DRBD's defaults below", () => {
    const key = 'DrbdOptions/Net/allow-two-primaries';
    const quorum = 'DrbdOptions/Resource/quorum';
    expect(read()?.options).toEqual({ allowTwoPrimaries: 'no', quorum: known(undefined) });
    expect(read({ common: { [key]: 'yes', [quorum]: 'majority' } })?.options).toEqual({
      allowTwoPrimaries: 'yes',
      quorum: known('majority'),
    });
    expect(read({ common: { [key]: 'yes' }, props: { [key]: 'no' } })?.options.allowTwoPrimaries).toBe('no');
    expect(read({ shared: { [key]: 'yes' } })?.options.allowTwoPrimaries).toBe('yes');
    expect(read({ shared: { [key]: 'yes' }, props: { [key]: 'no' } })?.options.allowTwoPrimaries).toBe('no');
    expect(read({ common: { [key]: 'yes' }, shared: { [key]: 'no' } })?.options.allowTwoPrimaries).toBe('no');
  });

  test('leaves options unknown while the properties cannot be read', () => {
    const views = volumeViews(['vol', 'gone'], {
      resources: known([entry()]),
      definitions: unknown('no answer'),
      groups: known([]),
      properties: known({}),
      siteOfNode: () => undefined,
    });
    expect(views.known && views.value.get('vol')?.options).toMatchObject({
      allowTwoPrimaries: 'unknown',
      quorum: { known: false },
    });
    expect(views.known && views.value.has('gone') && views.value.get('gone') === undefined).toBe(true);
  });

  test('is unknown as a whole when the resources cannot be read', () => {
    const silence = unknown<Json>('LINSTOR: no answer');
    const readings = {
      resources: silence,
      definitions: silence,
      groups: silence,
      properties: silence,
      siteOfNode: () => undefined,
    };
    expect(volumeViews(['vol'], readings)).toEqual(silence);
  });
});
