import { expect, test } from 'vitest';
import { minute } from '../../../src/model/instant.ts';
import { listAt, textAt } from '../../../src/model/json.ts';
import { resources } from '../../../src/model/kube.ts';
import type { Twin } from '../../../src/twin/twin.ts';
import { createOperation, members, plannedRequest, protectedTwin, runToEnd } from '../protected-group.ts';

/** Where the VMs of the group run. */
function runningOn({ guests }: Twin): readonly string[] {
  return members.flatMap((vm) => guests.executing('default', vm).map(({ cluster }) => cluster));
}

/** What a site shows of the group. */
function conditionsOn({ world }: Twin, site: string): readonly string[] {
  const group = world.cluster(site).api.get(resources.protectionGroup, 'default', 'pg');
  return ['Ready', 'SplitBrain'].map((type) => {
    const condition = listAt(group, 'status', 'conditions').find((each) => textAt(each, 'type') === type);
    return `${type}=${textAt(condition, 'status')}${textAt(condition, 'status') === 'Unknown' ? ` ${textAt(condition, 'message')}` : ''}`;
  });
}

test.each(['none', 'votes'] as const)(
  'a group on DRBD Operator fails over and back by its controllers alone (third site: %s)',
  (quorumSite) => {
    const twin = protectedTwin(1, { operator: {}, quorumSite });
    const asked = new Set<string>();
    twin.hosts.onExchange(({ requests }) => requests.forEach(({ api }) => asked.add(api)));
    expect(runningOn(twin)).toEqual(['cluster1', 'cluster1']);
    for (const [name, source, target] of [
      ['away', 'cluster1', 'cluster2'],
      ['back', 'cluster2', 'cluster1'],
    ] as const) {
      const request = { ...plannedRequest(name, source, target), storageBackend: 'drbd-operator' } as const;
      createOperation(twin, request);
      expect(runToEnd(twin, request)).toBe('Succeeded');
      expect(runningOn(twin)).toEqual([target, target]);
      twin.world.runUntil(twin.world.now + 2 * minute);
      for (const site of [source, target])
        expect([site, ...conditionsOn(twin, site)]).toEqual([site, 'Ready=True', 'SplitBrain=False']);
    }
    expect(asked).toEqual(new Set(['kube']));
  },
);
