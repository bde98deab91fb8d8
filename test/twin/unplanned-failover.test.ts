import { describe, expect, test } from 'vitest';
import { consentKinds, type ConsentKind } from '../../src/model/consent.ts';
import type { FailoverRequest } from '../../src/model/failover.ts';
import { type Millis, minute } from '../../src/model/instant.ts';
import { textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { drillFaultKinds } from '../../src/twin/faults/drill-kinds.ts';
import { FaultBoard } from '../../src/twin/faults/fault-board.ts';
import { watchGroundTruth } from '../../src/twin/ground-truth.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { lookBefore, orderUnplanned } from '../../src/twin/unplanned-order.ts';
import { members, plannedRequest, protectedTwin, runToEnd } from './protected-group.ts';

const away: FailoverRequest = { ...plannedRequest('away', 'cluster1', 'cluster2'), mode: 'Unplanned', rollBack: false };

interface Disaster {
  readonly twin: Twin;
  readonly faults: FaultBoard;
  readonly truth: ReturnType<typeof watchGroundTruth>;
}

/** A protected group whose source has gone dark a minute ago. */
function siteLoss(quorum: 'off' | 'majority'): Disaster {
  const twin = protectedTwin();
  for (const name of twin.kernel.resourceNames()) twin.kernel.setOptions(name, { quorum });
  const truth = watchGroundTruth(twin);
  const faults = new FaultBoard(twin, drillFaultKinds);
  faults.inject({ kind: 'site-loss', site: 'cluster1' }, twin.world.wall());
  runFor(twin, minute);
  return { twin, faults, truth };
}

function runFor({ world }: Twin, time: Millis): void {
  world.runUntil(world.now + time);
}

function runningOn({ guests }: Twin, site: string): readonly string[] {
  return members.filter((vm) => guests.executing('default', vm).some(({ cluster }) => cluster === site));
}

describe('an unplanned failover after the loss of the source', () => {
  test.each<['off' | 'majority', readonly ConsentKind[]]>([
    ['off', ['UnverifiedSource']],
    ['majority', ['UnverifiedSource', 'ForceQuorum']],
  ])('with quorum %s asks for %s, and runs the group on the target', (quorum, kinds) => {
    const { twin, truth } = siteLoss(quorum);
    const { evidence } = lookBefore(twin, away);
    expect(evidence.needs.map(({ kind }) => kind)).toEqual(kinds);
    expect([evidence.alive, evidence.missing]).toEqual([[], []]);
    orderUnplanned(twin, away, consentKinds);
    expect(runToEnd(twin, away)).toBe('Succeeded');
    expect(runningOn(twin, 'cluster2')).toEqual(members);
    expect(truth.breaches).toEqual([]);
  });

  test.each(['off', 'majority'] as const)(
    'with quorum %s leaves a source that comes back standing still, until it follows and the group can go back',
    (quorum) => {
      const { twin, faults, truth } = siteLoss(quorum);
      orderUnplanned(twin, away, consentKinds);
      expect(runToEnd(twin, away)).toBe('Succeeded');
      faults.heal(undefined);
      runFor(twin, 10 * minute);
      expect(runningOn(twin, 'cluster1')).toEqual([]);
      expect(runningOn(twin, 'cluster2')).toEqual(members);
      expect(truth.breaches).toEqual([]);
      const group = twin.world.cluster('cluster1').api.get(resources.protectionGroup, 'default', 'pg');
      expect(textAt(group, 'spec', 'desiredState')).toBe('stopped');
    },
  );

  test('is carried on by the Failover Controller when pgctl dies, whatever it has come to', () => {
    for (const state of [
      'preflight',
      'stoppingSource',
      'awaitingRelease',
      'forcing',
      'removingTaints',
      'startingTarget',
    ]) {
      const { twin, truth } = siteLoss('majority');
      const id = `pgctl/${away.name}`;
      orderUnplanned(twin, away, consentKinds);
      const dies = (): boolean => twin.hosts.get(id)?.record.state === state;
      while (!dies() && twin.hosts.get(id) !== undefined) twin.world.step();
      expect(twin.hosts.get(id)?.record.state).toBe(state);
      twin.hosts.remove(id);
      expect([state, runToEnd(twin, away)]).toEqual([state, 'Succeeded']);
      expect(runningOn(twin, 'cluster2')).toEqual(members);
      expect(truth.breaches).toEqual([]);
    }
  });

  test('does nothing without the consents, and says so', () => {
    const { twin } = siteLoss('majority');
    orderUnplanned(twin, away, ['UnverifiedSource']);
    expect(runToEnd(twin, away)).toBe('Failed');
    expect(runningOn(twin, 'cluster2')).toEqual([]);
  });
});
