import { describe, expect, test } from 'vitest';
import { isReport } from '../../src/machines/drbd-told.ts';
import { minute, second } from '../../src/model/instant.ts';
import { listAt, textAt } from '../../src/model/json.ts';
import { accepted, lookBeforeRecovery, orderRecovery } from '../../src/twin/recovery-order.ts';
import { mustApply } from '../../src/twin/protect.ts';
import { condition, differing, partedTwin, pass, recoveryOn, resolveRequest, runToEnd } from './parted-group.ts';

describe('copies that have parted (3 sites, 2 VMs)', () => {
  test.each([
    ['LINSTOR', 'cluster1', {}],
    ['LINSTOR', 'cluster2', {}],
    ['DRBD Operator', 'cluster1', { operator: {} }],
    ['DRBD Operator', 'cluster2', { operator: {} }],
  ])('on %s are together and the same in the end, survivor %s', (_storage, survivor, settings) => {
    const twin = partedTwin(settings);
    expect(differing(twin)).toBeGreaterThan(0);
    expect(condition(twin, 'cluster1', 'SplitBrain')).toBe('True');
    const other = survivor === 'cluster1' ? 'cluster2' : 'cluster1';
    const request = { ...resolveRequest, driver: survivor, other, survivor };
    orderRecovery(twin, accepted(twin, request));
    expect(runToEnd(twin, request)).toBe('Succeeded');
    expect(differing(twin)).toBe(0);
    const volumes = listAt(recoveryOn(twin, request), 'status', 'volumes');
    expect(volumes.map((volume) => textAt(volume, 'result'))).toEqual(['Equal', 'Equal']);
    pass(twin, 2 * minute);
    for (const site of ['cluster1', 'cluster2']) {
      expect([site, condition(twin, site, 'SplitBrain')]).toEqual([site, 'False']);
      expect([site, condition(twin, site, 'Replicated')]).toEqual([site, 'True']);
      expect([site, condition(twin, site, 'Verified')]).toEqual([site, 'True']);
    }
  });

  test('leave what was given up in a snapshot, which the record names', () => {
    const twin = partedTwin();
    orderRecovery(twin, accepted(twin, resolveRequest));
    runToEnd(twin, resolveRequest);
    const taken = mustApply(twin, { api: 'linstor', method: 'GET', path: '/v1/view/snapshots' });
    const names = (taken as { name: string; nodes: string[] }[]).map(({ name, nodes }) => [name, ...nodes]);
    const [volume] = listAt(recoveryOn(twin, resolveRequest), 'status', 'volumes');
    expect(names).toHaveLength(2);
    expect(new Set(names.map(([, node]) => node))).toEqual(new Set(['cluster2-node-1']));
    expect(textAt(volume, 'message')).toContain(`what was given up is in the snapshot ${names[0]?.[0]}`);
  });

  test('are asked about alone: DRBD tells of no other volume of its nodes', () => {
    const twin = partedTwin();
    const named = new Set<string>();
    twin.hosts.onExchange(({ hostId, requests }) => {
      if (hostId !== 'pgctl/mend') return;
      for (const request of requests)
        if (request.api === 'exec' && isReport(request)) named.add(request.command.slice(4).join(' '));
    });
    orderRecovery(twin, accepted(twin, resolveRequest));
    expect(runToEnd(twin, resolveRequest)).toBe('Succeeded');
    expect([...named]).toEqual([twin.kernel.resourceNames().join(' ')]);
  });

  test('stay as they are where a person has seen something else', () => {
    const twin = partedTwin();
    const { evidence } = lookBeforeRecovery(twin, resolveRequest);
    expect(evidence.needs.map(({ kind }) => kind)).toEqual(['DiscardCopy', 'ReplaceBlocks']);
    const before = differing(twin);
    const given = { evidence: 'of another day', givenBy: 'operator', givenAt: '2026-01-01T00:00:00Z' };
    const stale = { ...resolveRequest, consents: evidence.needs.map((need) => ({ ...need, ...given })) };
    orderRecovery(twin, stale);
    expect(runToEnd(twin, stale)).toBe('Failed');
    expect(textAt(recoveryOn(twin, stale), 'status', 'message')).toContain('has changed since');
    pass(twin, 10 * second);
    expect(differing(twin)).toBeGreaterThanOrEqual(before);
  });
});
