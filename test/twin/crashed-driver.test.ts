import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { second } from '../../src/model/instant.ts';
import { textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { leaseDuration } from '../../src/model/lease.ts';
import { watchGroundTruth } from '../../src/twin/ground-truth.ts';
import { members, plannedRequest, protectedTwin, runToEnd, startPlanned } from './protected-group.ts';

describe('an operation whose driver dies (3 sites, 2 VMs)', () => {
  test.each([
    'acquiringLease',
    'preflight',
    'stoppingSource',
    'awaitingRelease',
    'startingTarget',
    'monitoringStartup',
  ])(
    'in %s is finished by the Failover Controller, once the dead holder has not renewed for the duration of its Lease',
    (moment) => {
      const twin = protectedTwin();
      const truth = watchGroundTruth(twin);
      const request = plannedRequest('away', 'cluster1', 'cluster2');
      let diedAt: number | undefined;
      const drive = startPlanned(twin, request, ({ state }) => {
        if (state !== moment || diedAt !== undefined) return;
        // The record is stored, and none of its effects is on its way.
        diedAt = twin.world.now;
        twin.hosts.remove(drive.id);
      });
      expect(runToEnd(twin, request)).toBe('Succeeded');
      expect(diedAt).toBeDefined();
      expect(drive.end).toBeUndefined();
      const operation = twin.world.cluster('cluster2').api.get(resources.failover, 'default', 'away');
      expect(textAt(operation, 'status', 'holder')).toBe('failover-controller/cluster2/default/away');
      if (moment !== 'acquiringLease')
        expect(twin.world.now - (diedAt ?? 0)).toBeGreaterThanOrEqual(leaseDuration - 5 * second);
      expect(truth.breaches).toEqual([]);
      expect(truth.starts.toSorted()).toEqual(members.map((vm) => `${vm} on cluster2`));
    },
  );

  test('at any moment is finished, and never at the price of a second execution', () => {
    fc.assert(
      fc.property(fc.nat({ max: 700 }), fc.nat({ max: 1000 }), (events, seed) => {
        const twin = protectedTwin(seed);
        const { world, hosts } = twin;
        const truth = watchGroundTruth(twin);
        const request = plannedRequest('away', 'cluster1', 'cluster2');
        const drive = startPlanned(twin, request);
        const until = world.handled + events;
        while (world.handled < until) world.step();
        hosts.remove(drive.id);
        expect(runToEnd(twin, request)).toBe('Succeeded');
        expect(truth.breaches).toEqual([]);
        expect(truth.starts.toSorted()).toEqual(members.map((vm) => `${vm} on cluster2`));
      }),
      { numRuns: 6 },
    );
  });

  test('is finished although the one who took it over dies as well', () => {
    const twin = protectedTwin();
    const { world, hosts } = twin;
    const truth = watchGroundTruth(twin);
    // It does not stop: the operation is still waiting when its second driver dies.
    twin.guests.setFault('default', 'vm-1', 'ignores-acpi');
    const request = plannedRequest('away', 'cluster1', 'cluster2');
    const drive = startPlanned(twin, request, ({ state }) => {
      if (state === 'stoppingSource') hosts.remove(drive.id);
    });
    const successor = 'failover-controller/cluster2/default/away';
    while (hosts.get(successor) === undefined) world.step();
    world.runUntil(world.now + 20 * second);
    hosts.remove(successor);
    expect(runToEnd(twin, request)).toBe('Succeeded');
    expect(truth.breaches).toEqual([]);
  });

  test('on the way back is brought home by the Failover Controller', () => {
    const twin = protectedTwin();
    const truth = watchGroundTruth(twin);
    twin.guests.setFault('default', 'vm-1', 'opener-stuck');
    const request = plannedRequest('away', 'cluster1', 'cluster2');
    const drive = startPlanned(twin, request, ({ state }) => {
      if (state === 'rollingBack') twin.hosts.remove(drive.id);
    });
    expect(runToEnd(twin, request)).toBe('RolledBack');
    expect(drive.record.state).toBe('rollingBack');
    expect(truth.starts.every((start) => start.endsWith('on cluster1'))).toBe(true);
    expect(truth.breaches).toEqual([]);
  });
});

describe('an operation whose target refuses connections for a while', () => {
  test('at its first journal write goes on with the same driver', () => {
    const twin = protectedTwin();
    const { world } = twin;
    const request = plannedRequest('away', 'cluster1', 'cluster2');
    const drive = startPlanned(twin, request);
    while (twin.world.cluster('cluster3').api.list(resources.lease, 'default').length === 0) world.step();
    // The Leases are taken; the record that says so is not stored yet.
    expect(drive.record.state).toBe('acquiringLease');
    while (drive.record.state === 'acquiringLease') world.step();
    world.network.startOutage('cluster2', 'refuse');
    world.runUntil(world.now + 5 * second);
    expect(drive.record.state).toBe('acquiringLease');
    world.network.endOutage('cluster2');
    expect(runToEnd(twin, request)).toBe('Succeeded');
    expect(drive.end).toBe('ended');
  });
});
