import { describe, expect, test } from 'vitest';
import { minute } from '../../src/model/instant.ts';
import { numberAt, textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { operationView } from '../../src/machines/failover/operation-view.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { watchGroundTruth } from '../../src/twin/ground-truth.ts';
import { members, plannedRequest, protectedTwin, runToEnd, startPlanned } from './protected-group.ts';

const forward = [
  'acquiringLease',
  'preflight',
  'stoppingSource',
  'awaitingRelease',
  'removingTaints',
  'startingTarget',
  'monitoringStartup',
  'succeeded',
];

describe('a planned failover in the twin (3 sites, 2 VMs)', () => {
  test('moves the VMs and back again, never runs one twice and loses no acknowledged write', () => {
    const twin = protectedTwin();
    const truth = watchGroundTruth(twin);
    const away = plannedRequest('away', 'cluster1', 'cluster2');
    const drive = startPlanned(twin, away);
    expect(runToEnd(twin, away)).toBe('Succeeded');
    expect(drive.states).toEqual(forward);
    expect(operationView(drive.record).steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'stopSource done',
      'awaitRelease done',
      'removeTaints done',
      'startTarget done',
      'monitorStartup done',
    ]);
    expect(runningOn(twin)).toEqual({ cluster1: [], cluster2: members });
    expect(groupsOf(twin)).toEqual({ cluster1: 'stopped/stopped@1', cluster2: 'running/running@1' });

    twin.world.runUntil(twin.world.now + minute);
    const home = plannedRequest('home', 'cluster2', 'cluster1');
    const back = startPlanned(twin, home);
    expect(runToEnd(twin, home)).toBe('Succeeded');
    expect(back.states).toEqual(forward);
    expect(runningOn(twin)).toEqual({ cluster1: members, cluster2: [] });
    twin.world.runUntil(twin.world.now + minute);
    expect(groupsOf(twin)).toEqual({ cluster1: 'running/running@2', cluster2: 'stopped/stopped@2' });
    expect(leaseHolders(twin)).toEqual(['', '', '']);

    expect(truth.starts.toSorted()).toEqual([
      'vm-1 on cluster1',
      'vm-1 on cluster2',
      'vm-2 on cluster1',
      'vm-2 on cluster2',
    ]);
    expect(truth.breaches).toEqual([]);
    for (const disk of twin.kernel.resourceNames()) {
      expect(twin.kernel.ledger.ackedCount(disk)).toBeGreaterThan(10);
      expect(twin.kernel.missingCount(disk, 'cluster1-node-1')).toBe(0);
    }
  });

  test('leaves the same bytes behind for the same seed, and others for another seed', () => {
    const first = traceOf(7);
    expect(first.length).toBeGreaterThan(100_000);
    expect(traceOf(7) === first).toBe(true);
    expect(traceOf(8) === first).toBe(false);
  });

  test('is refused while the source does not answer, and nothing is touched', () => {
    const twin = protectedTwin();
    const truth = watchGroundTruth(twin);
    twin.world.network.startOutage('cluster1', 'hang');
    const request = plannedRequest('away', 'cluster1', 'cluster2');
    const drive = startPlanned(twin, request);
    expect(runToEnd(twin, request)).toBe('Failed');
    expect(drive.record.state).toBe('refused');
    expect(drive.record.context.verdict).toMatchObject({ kind: 'refused', because: 'notReady' });
    twin.world.runUntil(twin.world.now + minute);
    expect(runningOn(twin)).toEqual({ cluster1: members, cluster2: [] });
    expect(groupsOf(twin)).toEqual({ cluster1: 'running/running@0', cluster2: 'stopped/stopped@0' });
    expect(truth).toEqual({ breaches: [], starts: [] });
  });

  test('turns back when a volume stays open on the source, and the VMs run there again', () => {
    const twin = protectedTwin();
    const truth = watchGroundTruth(twin);
    twin.guests.setFault('default', 'vm-2', 'opener-stuck');
    const request = plannedRequest('away', 'cluster1', 'cluster2');
    const drive = startPlanned(twin, request);
    expect(runToEnd(twin, request)).toBe('RolledBack');
    expect(drive.states).toEqual([...forward.slice(0, 4), 'rollingBack', 'rolledBack']);
    expect(drive.record.context.verdict).toMatchObject({ reason: expect.stringContaining('cluster1-node-1') });
    expect(runningOn(twin)).toEqual({ cluster1: members, cluster2: [] });
    expect(truth.breaches).toEqual([]);
  });
});

/** Everything that happened to the objects of all clusters, and every record of the operation, as one text. */
function traceOf(seed: number): string {
  const twin = protectedTwin(seed);
  const lines: string[] = [];
  for (const [name, { api }] of twin.world.clusters) {
    api.onChange(({ type, object, version }) =>
      lines.push(`${twin.world.now} ${name} ${type} ${version} ${JSON.stringify(object)}`),
    );
  }
  const request = plannedRequest('away', 'cluster1', 'cluster2');
  startPlanned(twin, request, (record) => lines.push(`${twin.world.now} ${JSON.stringify(record)}`));
  runToEnd(twin, request);
  return lines.join('\n');
}

function runningOn({ guests }: Twin): Record<string, readonly string[]> {
  const on = (cluster: string): readonly string[] =>
    guests
      .all()
      .filter((guest) => guest.cluster === cluster && guest.phase === 'running')
      .map((guest) => guest.vm)
      .toSorted();
  return { cluster1: on('cluster1'), cluster2: on('cluster2') };
}

/** `desiredState/currentState@epoch` of the group on both sites. */
function groupsOf({ world }: Twin): Record<string, string> {
  return Object.fromEntries(
    ['cluster1', 'cluster2'].map((site) => {
      const group = world.cluster(site).api.get(resources.protectionGroup, 'default', 'pg');
      const states = `${textAt(group, 'spec', 'desiredState')}/${textAt(group, 'status', 'currentState')}`;
      return [site, `${states}@${numberAt(group, 'spec', 'epoch') ?? 0}`];
    }),
  );
}

function leaseHolders({ world }: Twin): readonly unknown[] {
  return [...world.clusters.values()].flatMap(({ api }) =>
    api.list(resources.lease, 'default').map((lease) => lease.spec?.holderIdentity),
  );
}
