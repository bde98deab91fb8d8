import { expect, test } from 'vitest';
import type { ApiRequest, KubeRequest } from '../../src/model/request.ts';
import { watchGroundTruth } from '../../src/twin/ground-truth.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { createOperation, members, plannedRequest, protectedTwin, runToEnd } from './protected-group.ts';

const request = plannedRequest('away', 'cluster1', 'cluster2');
const controller = 'failover-controller/cluster2/default/away';
const ordered: ReadonlySet<string> = new Set(['leases', 'failovers', 'protectiongroups']);

/** Leases, the journal and orders to groups; what a group's own controller reports goes into its status. */
function isEffect(sent: ApiRequest): sent is KubeRequest {
  if (sent.api !== 'kube' || sent.verb === 'get' || sent.verb === 'list' || !ordered.has(sent.resource.plural))
    return false;
  return sent.resource.plural !== 'protectiongroups' || sent.subresource === undefined;
}

/** Runs an operation that nobody but the Failover Controller drives; `meet` is told of each of its effects, by number. */
function runAlone(twin: Twin, meet: (nth: number) => 'performed' | 'lost' | undefined): number {
  let count = 0;
  twin.hosts.wires.add({
    answer: ({ request: sent, from }, perform) => {
      if (from !== 'cluster2' || !isEffect(sent) || twin.hosts.get(controller) === undefined) return perform();
      count += 1;
      const death = meet(count);
      if (death === undefined) return perform();
      twin.hosts.remove(controller);
      return death === 'performed' ? perform() : { kind: 'hang' };
    },
  });
  createOperation(twin, request);
  expect(runToEnd(twin, request)).toBe('Succeeded');
  return count;
}

const effects = runAlone(protectedTwin(), () => undefined);

test('the Failover Controller alone takes Leases, records, orders and lets go', () => {
  expect(effects).toBeGreaterThan(12);
});

test.each(Array.from({ length: effects }, (_, index) => index + 1))(
  'the Failover Controller, killed at its effect %i, goes on where it was when it is back, and starts each VM once',
  (nth) => {
    for (const death of ['performed', 'lost'] as const) {
      const twin = protectedTwin();
      const truth = watchGroundTruth(twin);
      let deaths = 0;
      runAlone(twin, (count) => {
        if (count !== nth) return undefined;
        deaths += 1;
        return death;
      });
      expect(deaths).toBe(1);
      expect(truth.breaches).toEqual([]);
      expect(truth.starts.toSorted()).toEqual(members.map((vm) => `${vm} on cluster2`));
    }
  },
);
