import { describe, expect, test } from 'vitest';
import { protectionGroupDefinition } from '../../src/machines/protection-group/definition.ts';
import { minute } from '../../src/model/instant.ts';
import { resources } from '../../src/model/kube.ts';
import type { ApiRequest, Outcome } from '../../src/model/request.ts';
import { groupPoll, isToldByWatches } from '../../src/runtime/group-schedule.ts';
import { LiveHost } from '../../src/runtime/live-host.ts';
import { begin } from '../../src/runtime/step.ts';
import { mustApply } from '../../src/twin/protect.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { protectedTwin } from '../twin/protected-group.ts';
import { livePorts } from './live-ports.ts';

/** A host of the group's machine on cluster1 that looks at copies first: as they were when they were kept. */
function hostWithCopies(twin: Twin) {
  const asked: ApiRequest[] = [];
  const kept = new Map<string, Outcome>();
  const { driver, clock } = livePorts(twin);
  const input = { site: 'cluster1', namespace: 'default', group: 'pg', otherSites: ['cluster2'] };
  const context = { ...input, clusterRole: 'primary', patience: null, connectingSince: null, inDoubt: false } as const;
  const copies = {
    perform: async (request: ApiRequest): Promise<Outcome> => {
      const key = JSON.stringify(request);
      const copy = kept.get(key) ?? (await driver.perform(request));
      kept.set(key, copy);
      return copy;
    },
  };
  const host = new LiveHost({
    definition: protectionGroupDefinition,
    record: begin(protectionGroupDefinition, context, clock.now()).record,
    driver: {
      perform: (request) => {
        asked.push(request);
        return driver.perform(request);
      },
    },
    copies: { driver: copies, suffice: isToldByWatches },
    clock,
    poll: groupPoll,
    journalPatience: minute,
  });
  const changes = (): readonly string[] =>
    asked.flatMap((request) => (request.api === 'kube' && request.verb === 'patch' ? [request.resource.plural] : []));
  const { reads } = protectionGroupDefinition;
  const copyAll = async (): Promise<void> => {
    for (const { request } of reads(host.record.state, context)) await copies.perform(request);
  };
  return { host, asked, changes, copyAll };
}

function order(twin: Twin, desiredState: 'running' | 'stopped'): void {
  const place = { api: 'kube', site: 'cluster1', namespace: 'default', name: 'pg' } as const;
  mustApply(twin, {
    ...place,
    resource: resources.protectionGroup,
    verb: 'patch',
    patch: 'merge',
    body: { spec: { desiredState } },
  });
}

test('where copies show nothing to order, the sites are not asked', async () => {
  const { host, asked } = hostWithCopies(protectedTwin());
  await host.pass();
  expect(host.record.state).toBe('running');
  expect(asked).toEqual([]);
});

describe('what copies show to be ordered is decided from fresh reads', () => {
  test('an order that stands is followed', async () => {
    const twin = alone();
    const { host, changes, copyAll } = hostWithCopies(twin);
    order(twin, 'stopped');
    await copyAll();
    await host.pass();
    expect(changes()).toContain('virtualmachines');
  });

  test('one that was taken back is not', async () => {
    const twin = alone();
    const { host, asked, changes, copyAll } = hostWithCopies(twin);
    order(twin, 'stopped');
    await copyAll();
    order(twin, 'running');
    await host.pass();
    expect(changes()).not.toContain('virtualmachines');
    expect(asked.length).toBeGreaterThan(10);
    expect(host.record.state).toBe('running');
  });
});

/** A world whose own controllers are gone: they are not to be quicker. */
function alone(): Twin {
  const twin = protectedTwin();
  for (const id of twin.hosts.ids()) twin.hosts.remove(id);
  return twin;
}
