import { describe, expect, test } from 'vitest';
import { agentReports } from '../../../src/model/drbd-operator/agent-reports.ts';
import { operatorVolumeViews } from '../../../src/model/drbd-operator/volume-views.ts';
import type { ReplicaView, VolumeView } from '../../../src/model/drbd-replica.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { known, unknown } from '../../../src/model/known.ts';
import type { KubeObject } from '../../../src/model/kube.ts';
import { agentPod, drbdVolume, entry } from './operator-objects.ts';

interface Side {
  readonly entries?: readonly JsonObject[];
  readonly pods?: readonly KubeObject[];
  readonly silent?: true;
}

const siteOfNode = (node: string): string | undefined => ({ a: 'cluster1', b: 'cluster2' })[node];

function readings(site: string, node: string, peer: string, { entries, pods, silent }: Side) {
  const volumes = silent
    ? unknown<readonly KubeObject[]>(`${site}: no answer`)
    : known([drbdVolume(entries ?? [entry(node, peer)])]);
  const agents = silent ? unknown<readonly KubeObject[]>('no answer') : known(pods ?? [agentPod(node)]);
  return { site, volumes, reports: agentReports(site, volumes, agents) };
}

/** The volume `vol` as two sites tell of it. */
function view(first: Side, second: Side = {}): VolumeView {
  const sites = [readings('cluster1', 'a', 'b', first), readings('cluster2', 'b', 'a', second)];
  const found = operatorVolumeViews(['vol'], sites, siteOfNode);
  if (!found.known) throw new Error(found.why);
  return found.value.get('vol')!;
}

const replica = (volume: VolumeView, node: string): ReplicaView => volume.replicas.find((each) => each.node === node)!;

describe('a volume of DRBD Operator', () => {
  test('is read from what the agents of both sites have written', () => {
    const volume = view({});
    expect(replica(volume, 'a')).toMatchObject({
      site: 'cluster1',
      kind: 'diskful',
      inUse: 'no',
      diskState: 'UpToDate',
    });
    expect(replica(volume, 'b')).toMatchObject({ site: 'cluster2', mayPromote: 'yes' });
    expect(volume.options).toEqual({ allowTwoPrimaries: 'no', quorum: known('majority') });
  });

  test('has a tiebreaker whose role its connected peers tell, and that is unknown without them', () => {
    expect(replica(view({}), 'q')).toMatchObject({ site: 'cluster3', kind: 'tiebreaker', inUse: 'no' });
    const alone = { peers: [{ node: 'q', nodeID: 2, connection: 'Connecting', role: 'Unknown' }] };
    expect(replica(view({ entries: [entry('a', 'b', alone)] }, { entries: [entry('b', 'a', alone)] }), 'q').inUse).toBe(
      'unknown',
    );
  });

  test.each<[string, Side]>([
    ['its agent is not Ready', { pods: [agentPod('a', { ready: 'False' })] }],
    ['its agent is gone', { pods: [] }],
    ['another agent has followed, and not told of it yet', { pods: [agentPod('a', { uid: 'another' })] }],
    ['there is no entry', { entries: [] }],
    ['its site does not answer', { silent: true }],
    ['the resource is down', { entries: [{ node: 'a', agent: 'agent-a' }] }],
  ])('says nothing of a node where %s, whatever was written', (_, side) => {
    const { inUse, diskState, mayPromote } = replica(view(side), 'a');
    expect([inUse, diskState, mayPromote]).toEqual(['unknown', undefined, 'unknown']);
  });

  test('is in use where a connected peer sees a Primary, whatever the node itself said last', () => {
    const seen = entry('b', 'a', { peers: [{ node: 'a', nodeID: 0, connection: 'Connected', role: 'Primary' }] });
    expect(replica(view({}, { entries: [seen] }), 'a').inUse).toBe('yes');
    expect(replica(view({ pods: [] }, { entries: [seen] }), 'a').inUse).toBe('yes');
  });

  test('is known to be absent only when every site has answered', () => {
    const told = { site: 'cluster1', volumes: known<readonly KubeObject[]>([]), reports: {} };
    expect(operatorVolumeViews(['vol'], [told], siteOfNode)).toEqual(known(new Map([['vol', undefined]])));
    const silent = { site: 'cluster2', volumes: unknown<readonly KubeObject[]>('no answer'), reports: {} };
    expect(operatorVolumeViews(['vol'], [told, silent], siteOfNode)).toEqual(unknown('no answer'));
  });

  test('allows two Primaries as soon as one node does, and has a quorum that all nodes agree on', () => {
    const options = { allowTwoPrimaries: true, quorum: 'off' };
    expect(view({ entries: [entry('a', 'b', { options })] }).options).toMatchObject({
      allowTwoPrimaries: 'yes',
      quorum: { known: false },
    });
  });

  test('keeps its view while nothing of it changes', () => {
    const sites = [readings('cluster1', 'a', 'b', {}), readings('cluster2', 'b', 'a', {})];
    const first = operatorVolumeViews(['vol'], sites, siteOfNode);
    const again = [readings('cluster1', 'a', 'b', {}), readings('cluster2', 'b', 'a', {})];
    expect(operatorVolumeViews(['vol'], again, siteOfNode, first)).toBe(first);
  });
});

describe('what only some tell of a volume of DRBD Operator', () => {
  test('a node that is only named as a peer takes part, and nothing of it is known', () => {
    const peers = [{ node: 'c', nodeID: 3, connection: 'Connecting', role: 'Unknown' }];
    const stranger = replica(view({}, { entries: [entry('b', 'a', { peers })] }), 'c');
    expect(stranger).toMatchObject({ site: undefined, kind: 'diskful', inUse: 'unknown' });
    const primary = [{ node: 'c', nodeID: 3, connection: 'Connected', role: 'Primary' }];
    expect(replica(view({}, { entries: [entry('b', 'a', { peers: primary })] }), 'c').inUse).toBe('yes');
  });

  test('a node that a site lists as a tiebreaker and another with data counts as one with data', () => {
    const other = drbdVolume([entry('b', 'a')]);
    const spec = { replicas: [{ node: 'q', cluster: 'cluster3', nodeID: 2, type: 'Diskful' }] };
    const sites = [
      readings('cluster1', 'a', 'b', {}),
      { ...readings('cluster2', 'b', 'a', {}), volumes: known([{ ...other, spec }]) },
    ];
    const found = operatorVolumeViews(['vol'], sites, siteOfNode);
    expect(found.known && replica(found.value.get('vol')!, 'q').kind).toBe('diskful');
  });

  test('a volume without an entry takes nothing from what is told of the others', () => {
    const volumes = known([drbdVolume([entry('a', 'b')]), drbdVolume([], 'new')]);
    const reports = agentReports('cluster1', volumes, known([agentPod('a')]));
    const found = operatorVolumeViews(['vol', 'new'], [{ site: 'cluster1', volumes, reports }], siteOfNode);
    if (!found.known) throw new Error(found.why);
    expect(replica(found.value.get('vol')!, 'a').inUse).toBe('no');
    expect(replica(found.value.get('new')!, 'a').inUse).toBe('unknown');
  });
});
