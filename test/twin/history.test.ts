import { expect, test } from 'vitest';
import { copiedFrom } from '../../src/model/definition-copy/marks.ts';
import { newFailover } from '../../src/model/failover.ts';
import { minute, timestamp } from '../../src/model/instant.ts';
import { type Json, textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { historyLimit } from '../../src/model/operation-copies.ts';
import { drillFaultKinds } from '../../src/twin/faults/drill-kinds.ts';
import { FaultBoard } from '../../src/twin/faults/fault-board.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { plannedRequest, protectedTwin, runToEnd, startPlanned } from './protected-group.ts';

test('there and back: both sites hold both operations, with what they came to, and then it rests', () => {
  const twin = protectedTwin(1, { history: true });
  moveGroup(twin, 'away', 'cluster1', 'cluster2');
  moveGroup(twin, 'home', 'cluster2', 'cluster1');
  twin.world.runUntil(twin.world.now + minute);
  expect(heldOn(twin, 'cluster1')).toEqual(['away Succeeded of cluster2', 'home Succeeded']);
  expect(heldOn(twin, 'cluster2')).toEqual(['away Succeeded', 'home Succeeded of cluster1']);
  const versions = versionsOf(twin);
  twin.world.runUntil(twin.world.now + 10 * minute);
  expect(versionsOf(twin)).toEqual(versions);
});

test('a site that was away when an operation ended is told when it is back', () => {
  const twin = protectedTwin(1, { history: true });
  const faults = new FaultBoard(twin, drillFaultKinds);
  const request = plannedRequest('away', 'cluster1', 'cluster2');
  const drive = startPlanned(twin, request);
  while (!drive.states.includes('monitoringStartup')) twin.world.step();
  const { id } = faults.inject({ kind: 'site-loss', site: 'cluster1' }, twin.world.wall());
  expect(runToEnd(twin, request)).toBe('Succeeded');
  twin.world.runUntil(twin.world.now + 2 * minute);
  expect(heldOn(twin, 'cluster1')).toEqual([]);
  faults.heal(id);
  twin.world.runUntil(twin.world.now + 2 * minute);
  expect(heldOn(twin, 'cluster1')).toEqual(['away Succeeded of cluster2']);
});

test('no site keeps more than its limit, and the oldest go', () => {
  const twin = protectedTwin(1, { history: true });
  for (let index = 0; index < historyLimit + 3; index++) recordEnded(twin, `op-${index}`, index);
  moveGroup(twin, 'away', 'cluster1', 'cluster2');
  twin.world.runUntil(twin.world.now + minute);
  for (const site of ['cluster1', 'cluster2']) {
    const held = heldOn(twin, site);
    expect(held).toHaveLength(historyLimit);
    expect(held.join()).toContain('away Succeeded');
    expect(held.join()).not.toContain('op-3 ');
    expect(held.join()).toContain('op-4 ');
  }
});

function moveGroup(twin: Twin, name: string, source: string, target: string): void {
  const request = plannedRequest(name, source, target);
  startPlanned(twin, request);
  expect(runToEnd(twin, request)).toBe('Succeeded');
  twin.world.runUntil(twin.world.now + minute);
}

/** An operation as one of long ago has left it on cluster2. */
function recordEnded(twin: Twin, name: string, minutes: number): void {
  const place = {
    api: 'kube',
    site: 'cluster2',
    resource: resources.failover,
    namespace: 'default',
  } as const;
  const body = newFailover(plannedRequest(name, 'cluster1', 'cluster2')) as unknown as Json;
  const startTime = timestamp(Date.UTC(2025, 0, 1) + minutes * minute);
  const status = { phase: 'RolledBack', startTime, completionTime: startTime };
  twin.world.perform({ ...place, verb: 'create', body }, 'cluster2');
  twin.world.perform(
    { ...place, name, verb: 'patch', patch: 'merge', subresource: 'status', body: { status } },
    'cluster2',
  );
}

function heldOn(twin: Twin, site: string): readonly string[] {
  return twin.world
    .cluster(site)
    .api.list(resources.failover)
    .map((object) => {
      const from = copiedFrom(object);
      const phase = textAt(object, 'status', 'phase') ?? 'untold';
      return `${object.metadata.name} ${phase}${from === undefined ? '' : ` of ${from}`}`;
    });
}

function versionsOf({ world }: Twin): readonly unknown[] {
  return ['cluster1', 'cluster2'].flatMap((site) =>
    world
      .cluster(site)
      .api.list(resources.failover)
      .map(({ metadata }) => metadata.resourceVersion),
  );
}
