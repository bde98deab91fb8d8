import { describe, expect, test } from 'vitest';
import { second } from '../../src/model/instant.ts';
import { textAt } from '../../src/model/json.ts';
import { leaseDuration } from '../../src/model/lease.ts';
import type { ApiRequest } from '../../src/model/request.ts';
import { asksForDrbdReport } from '../../src/model/drbd-report.ts';
import { accepted, orderRecovery, recordRecovery } from '../../src/twin/recovery-order.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { differing, partedTwin, pass, recoveryOn, resolveRequest, runToEnd } from './parted-group.ts';
import { plannedRequest, startPlanned } from './protected-group.ts';

const controller = 'failover-controller/cluster1/default/recovery/mend';

describe('a recovery whose driver dies (3 sites, 2 VMs)', () => {
  test.each(['acquiringLease', 'finding', 'looking', 'snapshotting', 'reuniting', 'comparing'])(
    'in %s is finished by the Failover Controller of the cluster that keeps its object',
    (moment) => {
      const twin = partedTwin();
      const request = accepted(twin, resolveRequest);
      let diedAt: number | undefined;
      const order = orderRecovery(twin, request, ({ state }) => {
        if (state !== moment || diedAt !== undefined) return;
        // The record is stored, and none of its effects is on its way.
        diedAt = twin.world.now;
        twin.hosts.remove(`pgctl/${request.name}`);
      });
      expect(runToEnd(twin, request)).toBe('Succeeded');
      expect(diedAt).toBeDefined();
      expect(order.kind === 'driven' && order.host.end).toBeUndefined();
      expect(textAt(recoveryOn(twin, request), 'status', 'holder')).toBe(controller);
      expect(differing(twin)).toBe(0);
    },
  );
});

/** Leases, the journal, snapshots and commands; looks and what others send are none. */
function isEffect(sent: ApiRequest): boolean {
  if (sent.api === 'exec') return !asksForDrbdReport(sent);
  if (sent.api === 'linstor') return sent.method !== 'GET';
  return sent.verb !== 'get' && sent.verb !== 'list' && ['leases', 'recoveries'].includes(sent.resource.plural);
}

/** Runs a recovery that nobody but the Failover Controller drives; `meet` is told of each of its effects, by number. */
function runAlone(twin: Twin, meet: (nth: number) => 'performed' | 'lost' | undefined): number {
  let count = 0;
  twin.hosts.wires.add({
    answer: ({ request: sent, from }, perform) => {
      if (from !== 'cluster1' || !isEffect(sent) || twin.hosts.get(controller) === undefined) return perform();
      // Once it compares nothing but progress and Leases are written: each is like the one before.
      if (twin.hosts.get(controller)?.record.state === 'comparing' && sent.api !== 'exec') return perform();
      count += 1;
      const death = meet(count);
      if (death === undefined) return perform();
      twin.hosts.remove(controller);
      return death === 'performed' ? perform() : { kind: 'hang' };
    },
  });
  const request = accepted(twin, resolveRequest);
  recordRecovery(twin, request);
  expect(runToEnd(twin, request)).toBe('Succeeded');
  return count;
}

const effects = runAlone(partedTwin(), () => undefined);

test('the Failover Controller alone takes Leases, records, keeps what is given up, commands and compares', () => {
  expect(effects).toBeGreaterThan(12);
});

test.each(Array.from({ length: effects }, (_, index) => index + 1))(
  'the Failover Controller, killed at its effect %i, goes on where it was when it is back, and brings the copies together',
  (nth) => {
    for (const death of ['performed', 'lost'] as const) {
      const twin = partedTwin();
      let deaths = 0;
      runAlone(twin, (count) => {
        if (count !== nth) return undefined;
        deaths += 1;
        return death;
      });
      expect(deaths).toBe(1);
      expect(differing(twin)).toBe(0);
    }
  },
);

describe('one group has one operation at a time', () => {
  test('a failover that is ordered while a recovery goes on is refused, and does nothing', () => {
    const twin = partedTwin();
    const request = accepted(twin, resolveRequest);
    orderRecovery(twin, request);
    pass(twin, 5 * second);
    const failover = startPlanned(twin, plannedRequest('away', 'cluster1', 'cluster2'));
    pass(twin, leaseDuration + 30 * second);
    expect(failover.record).toMatchObject({ state: 'refused', context: { verdict: { because: 'held' } } });
    expect(runToEnd(twin, request)).toBe('Succeeded');
  });
});
