import { describe, expect, test } from 'vitest';
import { consentKinds, type ConsentKind } from '../../../src/model/consent.ts';
import type { FailoverRequest } from '../../../src/model/failover.ts';
import { minute, second } from '../../../src/model/instant.ts';
import { listAt, textAt } from '../../../src/model/json.ts';
import { resources } from '../../../src/model/kube.ts';
import { drillFaultKinds } from '../../../src/twin/faults/drill-kinds.ts';
import { FaultBoard } from '../../../src/twin/faults/fault-board.ts';
import { watchGroundTruth } from '../../../src/twin/ground-truth.ts';
import { accepted, orderRecovery } from '../../../src/twin/recovery-order.ts';
import type { Twin } from '../../../src/twin/twin.ts';
import { lookBefore, orderUnplanned } from '../../../src/twin/unplanned-order.ts';
import {
  differing,
  home,
  partedTwin,
  pass,
  recoveryOn,
  resolveRequest,
  runToEnd as runRecovery,
  standby,
  verifyRequest,
} from '../parted-group.ts';
import { members, plannedRequest, protectedTwin, runToEnd } from '../protected-group.ts';

const away: FailoverRequest = {
  ...plannedRequest('away', 'cluster1', 'cluster2'),
  mode: 'Unplanned',
  rollBack: false,
  storageBackend: 'drbd-operator',
};

function runningOn({ guests }: Twin, site: string): readonly string[] {
  return members.filter((vm) => guests.executing('default', vm).some(({ cluster }) => cluster === site));
}

/** The operations of a cluster, as `type node phase`. */
function operationsOn({ world }: Twin, site: string): readonly string[] {
  return world
    .cluster(site)
    .api.list(resources.drbdOperation)
    .map((each) =>
      [textAt(each, 'spec', 'type'), textAt(each, 'spec', 'node'), textAt(each, 'status', 'phase') ?? 'not begun'].join(
        ' ',
      ),
    )
    .toSorted();
}

describe('on DRBD Operator an unplanned failover after the loss of the source', () => {
  test.each<['off' | 'majority', readonly ConsentKind[]]>([
    ['off', ['UnverifiedSource']],
    ['majority', ['UnverifiedSource', 'ForceQuorum']],
  ])('with quorum %s asks for %s, runs the group, and stays the only one when the source returns', (quorum, kinds) => {
    const twin = protectedTwin(1, { operator: { policy: { quorum } } });
    const truth = watchGroundTruth(twin);
    const faults = new FaultBoard(twin, drillFaultKinds);
    faults.inject({ kind: 'site-loss', site: 'cluster1' }, twin.world.wall());
    pass(twin, minute);
    const { evidence } = lookBefore(twin, away);
    expect(evidence.needs.map(({ kind }) => kind)).toEqual(kinds);
    expect([evidence.alive, evidence.missing]).toEqual([[], []]);
    orderUnplanned(twin, away, consentKinds);
    expect(runToEnd(twin, away)).toBe('Succeeded');
    expect(runningOn(twin, 'cluster2')).toEqual(members);
    const forced = ['Demote', 'Demote', 'ForcePrimary', 'ForcePrimary'].map((type) => `${type} ${standby} Succeeded`);
    expect(operationsOn(twin, 'cluster2')).toEqual(quorum === 'off' ? [] : forced);
    faults.heal(undefined);
    pass(twin, 10 * minute);
    expect(runningOn(twin, 'cluster1')).toEqual([]);
    expect(runningOn(twin, 'cluster2')).toEqual(members);
    expect(truth.breaches).toEqual([]);
  });

  test('with a vote on a third site needs no force', () => {
    const twin = protectedTwin(1, { operator: {}, quorumSite: 'votes' });
    new FaultBoard(twin, drillFaultKinds).inject({ kind: 'site-loss', site: 'cluster1' }, twin.world.wall());
    pass(twin, minute);
    expect(lookBefore(twin, away).evidence.needs.map(({ kind }) => kind)).toEqual(['UnverifiedSource']);
    orderUnplanned(twin, away, ['UnverifiedSource']);
    expect(runToEnd(twin, away)).toBe('Succeeded');
    expect(operationsOn(twin, 'cluster2')).toEqual([]);
  });
});

describe('on DRBD Operator copies that have parted', () => {
  test('leave what was given up in a snapshot of that copy, which the record names', () => {
    const twin = partedTwin({ operator: {} });
    orderRecovery(twin, accepted(twin, resolveRequest));
    expect(runRecovery(twin, resolveRequest)).toBe('Succeeded');
    const kept = twin.world
      .cluster('cluster2')
      .api.list(resources.drbdVolume)
      .map((volume) => listAt(volume, 'status', 'nodes', 0, 'snapshots').filter((name) => typeof name === 'string'));
    expect(kept).toEqual([[expect.stringMatching(/^before-recovery-/)], [expect.stringMatching(/^before-recovery-/)]]);
    const [volume] = listAt(recoveryOn(twin, resolveRequest), 'status', 'volumes');
    expect(textAt(volume, 'message')).toContain(`what was given up is in the snapshot ${kept[0]?.[0] ?? ''}`);
  });

  test('are given up without a snapshot only by a sentence that says so, where no pool takes any', () => {
    const twin = partedTwin({ operator: { snapshots: false } });
    const request = accepted(twin, resolveRequest);
    expect(request.consents[0]?.statement).toContain('No snapshot can be taken of 2 copies');
    orderRecovery(twin, request);
    expect(runRecovery(twin, request)).toBe('Succeeded');
    expect(operationsOn(twin, 'cluster2').filter((each) => each.startsWith('Snapshot'))).toEqual([]);
  });
});

describe('on DRBD Operator a comparison', () => {
  test('of equal copies says so, with one operation a volume', () => {
    const twin = protectedTwin(1, { operator: {} });
    orderRecovery(twin, accepted(twin, verifyRequest));
    expect(runRecovery(twin, verifyRequest)).toBe('Succeeded');
    expect(operationsOn(twin, 'cluster1')).toEqual([`Verify ${home} Succeeded`, `Verify ${home} Succeeded`]);
  });

  test('finds what nobody has marked, and has it replaced where a person allows that', () => {
    const twin = protectedTwin(1, { operator: {} });
    const [volume = ''] = twin.kernel.resourceNames();
    twin.kernel.replica(volume, standby)!.data.push(4711, 4711);
    expect(differing(twin)).toBeGreaterThan(0);
    orderRecovery(twin, accepted(twin, verifyRequest));
    expect(runRecovery(twin, verifyRequest)).toBe('NeedsAttention');
    const repair = { ...verifyRequest, name: 'repair', repair: 'cluster2' };
    orderRecovery(twin, accepted(twin, repair));
    expect(runRecovery(twin, repair)).toBe('Succeeded');
    expect(differing(twin)).toBe(0);
  });

  test('waits for an agent that stands still, and for no operation that it was given meanwhile', () => {
    const twin = protectedTwin(1, { operator: {} });
    const request = accepted(twin, verifyRequest);
    twin.containers.freeze(home);
    orderRecovery(twin, request);
    pass(twin, 45 * second);
    twin.containers.thaw(home);
    expect(runRecovery(twin, verifyRequest)).toBe('Succeeded');
    const phases = operationsOn(twin, 'cluster1');
    expect(phases.filter((each) => each.endsWith('not begun'))).toEqual([]);
  });
});
