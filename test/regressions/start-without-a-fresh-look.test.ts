import { describe, expect, test } from 'vitest';
import type { Scene } from '../machines/scene.ts';
import { calmScene, withSite } from '../machines/scene.ts';
import { FailoverScript } from '../transcripts/failover-script.ts';
import { replay } from '../transcripts/transcript.ts';

const stopOnSource = [
  'set cluster1 vm-1=stopped vm-2=stopped',
  'set vol-1 cluster1=Secondary',
  'set vol-2 cluster1=Secondary',
];
const order = 'PATCH cluster2 protectiongroups/pg desiredState=running';

/** Plays lines, each with what follows from it; `change` may do to the scene what no line can. */
function play(lines: readonly (string | ((scene: Scene) => Scene))[]): string {
  let script: FailoverScript | undefined;
  const open = (scene: Scene): FailoverScript => (script ??= new FailoverScript(scene));
  const written: string[] = [];
  open(calmScene());
  for (const line of lines) {
    if (typeof line === 'string') written.push(replay(line, (scene) => open(scene)));
    else if (script !== undefined) script.scene = line(script.scene);
  }
  return written.join('\n');
}

/** The journal says that the start was about to be ordered, and the order never left. */
function orderNeverLeft(scene: Scene): Scene {
  const group = scene.sites.cluster2?.group;
  const { operation } = scene;
  if (group === undefined || operation === undefined) throw new Error('no operation under way');
  const record = { ...(operation.status?.record as object), state: 'startingTarget' };
  return {
    ...withSite(scene, 'cluster2', { group: { ...group, desiredState: 'stopped' } }),
    operation: { ...operation, status: { ...operation.status, record } },
  };
}

describe('an operation that was taken over before the start was ordered', () => {
  const begun = ['failover cluster1 -> cluster2 by pgctl/a', 'look', ...stopOnSource, 'wait 2s', orderNeverLeft];

  test('orders it when every gate is open', () => {
    const rest = play([...begun, 'failover cluster1 -> cluster2 by controller patient', 'look', 'wait 16s']);
    expect(rest.split('controller patient')[1]).toContain(order);
  });

  test('orders nothing while a VM runs on the source again, and then needs attention', () => {
    const rest = play([
      ...begun,
      'set cluster1 vm-1=running',
      'set vol-1 cluster1=Primary',
      'failover cluster1 -> cluster2 by controller patient',
      'look',
      'wait 16s',
      'wait 120s',
    ]);
    expect(rest.split('controller patient')[1]).not.toContain(order);
    expect(rest).toContain('verdict: needsAttention');
  });

  test('orders nothing while the source is silent', () => {
    const rest = play([
      ...begun,
      'set cluster1 answers=no',
      'failover cluster1 -> cluster2 by controller patient',
      'look',
      'wait 16s',
    ]);
    expect(rest.split('controller patient')[1]).not.toContain(order);
  });
});

test('a target that somebody has stopped while it starts is not started again once the source runs', () => {
  const begun = ['failover cluster1 -> cluster2 by pgctl/a', 'look', ...stopOnSource, 'wait 2s'];
  const written = play([
    ...begun,
    'set cluster2 group=stopped@1',
    'set cluster1 group=running@1 vm-1=running vm-2=running',
    'wait 5s',
  ]);
  expect(written.split(order)).toHaveLength(2);
  expect(written).toContain('waits: vm-1 is running on cluster1, where it must stand still');
});

test('VMs that run on both sites are no success', () => {
  const written = play([
    'failover cluster1 -> cluster2 by pgctl/a',
    'look',
    ...stopOnSource,
    'wait 2s',
    'set cluster2 vm-1=running vm-2=running',
    'set cluster1 vm-1=running',
    'wait 5s',
    'wait 120s',
  ]);
  expect(written).not.toContain('succeeded');
  expect(written).toContain('verdict: needsAttention');
});

test('a VM that is added to the group while the locks are waited for keeps the target from starting', () => {
  const written = play([
    'failover cluster1 -> cluster2 by pgctl/a',
    'look',
    (scene) => {
      const group = scene.sites.cluster2?.group;
      if (group === undefined) throw new Error('no group');
      return withSite(scene, 'cluster2', { group: { ...group, virtualMachines: ['vm-1', 'vm-2', 'vm-3'] } });
    },
    ...stopOnSource,
    'wait 2s',
    'wait 30s',
  ]);
  expect(written).not.toContain(order);
  expect(written).toContain('vm-3 was added to the group on cluster2 since the operation began');
  expect(written).toContain('awaitingRelease -> rollingBack');
});

test('on the way back the source is not started while somebody else has a VM run on the target', () => {
  const written = play([
    'failover cluster1 -> cluster2 by pgctl/a',
    'look',
    'set cluster1 vm-1=stopped vm-2=stopped',
    'set cluster2 vm-1=running',
    'cancel',
    'wait 2s',
  ]);
  expect(written).toContain('-> rollingBack');
  expect(written).not.toContain('PATCH cluster1 protectiongroups/pg desiredState=running');
  expect(
    play([
      'failover cluster1 -> cluster2 by pgctl/a',
      'look',
      'set cluster1 vm-1=stopped vm-2=stopped',
      'set cluster2 vm-1=running',
      'cancel',
      'wait 2s',
      'set cluster2 vm-1=stopped',
      'wait 2s',
    ]),
  ).toContain('PATCH cluster1 protectiongroups/pg desiredState=running');
});

test('quorum taints are taken away only while the volumes of the group have quorum', () => {
  const written = play([
    'failover cluster1 -> cluster2 by pgctl/a',
    'look',
    'set cluster2 taints=drbd.linbit.com/lost-quorum silent=nodes',
    ...stopOnSource,
    'wait 2s',
    'set cluster2 silent=none',
    'set vol-1 cluster2=Secondary,noQuorum',
    'wait 2s',
  ]);
  expect(written).not.toContain('PATCH cluster2 nodes');
});
