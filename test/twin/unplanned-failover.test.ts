import { describe, expect, test } from 'vitest';
import { consentKinds, type ConsentKind } from '../../src/model/consent.ts';
import type { FailoverRequest } from '../../src/model/failover.ts';
import { type Millis, minute, second } from '../../src/model/instant.ts';
import { textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { drillFaultKinds } from '../../src/twin/faults/drill-kinds.ts';
import { FaultBoard } from '../../src/twin/faults/fault-board.ts';
import { watchGroundTruth } from '../../src/twin/ground-truth.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { lookBefore, orderUnplanned } from '../../src/twin/unplanned-order.ts';
import { members, plannedRequest, protectedTwin, runToEnd } from './protected-group.ts';

const away: FailoverRequest = { ...plannedRequest('away', 'cluster1', 'cluster2'), mode: 'Unplanned', rollBack: false };

/** Where a third vote is: nowhere (quorum off or majority), or on a tiebreaker in one of the sites. */
type Layout = 'off' | 'majority' | 'tiebreaker in cluster1' | 'tiebreaker in cluster2' | 'tiebreaker in cluster3';

interface Disaster {
  readonly twin: Twin;
  readonly faults: FaultBoard;
  readonly truth: ReturnType<typeof watchGroundTruth>;
}

/** A protected group whose source has gone dark a minute ago. */
function siteLoss(layout: Layout): Disaster {
  const twin = protectedTwin();
  setLayout(twin, layout);
  runFor(twin, minute);
  const truth = watchGroundTruth(twin);
  const faults = new FaultBoard(twin, drillFaultKinds);
  faults.inject({ kind: 'site-loss', site: 'cluster1' }, twin.world.wall());
  runFor(twin, minute);
  return { twin, faults, truth };
}

function setLayout({ kernel, linstor }: Twin, layout: Layout): void {
  const site = /tiebreaker in (\w+)/.exec(layout)?.[1];
  for (const name of kernel.resourceNames()) {
    if (site !== undefined)
      linstor.request({
        method: 'POST',
        path: `/v1/resource-definitions/${name}/resources/${site}-node-2`,
        body: {},
      } as never);
    kernel.setOptions(name, { quorum: layout === 'off' ? 'off' : 'majority' });
  }
}

function runFor({ world }: Twin, time: Millis): void {
  world.runUntil(world.now + time);
}

function runningOn({ guests }: Twin, site: string): readonly string[] {
  return members.filter((vm) => guests.executing('default', vm).some(({ cluster }) => cluster === site));
}

describe('an unplanned failover after the loss of the source', () => {
  test.each<[Layout, readonly ConsentKind[]]>([
    ['off', ['UnverifiedSource']],
    ['majority', ['UnverifiedSource', 'ForceQuorum']],
  ])('with quorum %s asks for %s, and runs the group on the target', (layout, kinds) => {
    const { twin, truth } = siteLoss(layout);
    const { evidence } = lookBefore(twin, away);
    expect(evidence.needs.map(({ kind }) => kind)).toEqual(kinds);
    expect([evidence.alive, evidence.missing]).toEqual([[], []]);
    orderUnplanned(twin, away, consentKinds);
    expect(runToEnd(twin, away)).toBe('Succeeded');
    expect(runningOn(twin, 'cluster2')).toEqual(members);
    expect(truth.breaches).toEqual([]);
  });
});
