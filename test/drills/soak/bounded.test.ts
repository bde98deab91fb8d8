import { expect, test } from 'vitest';
import type { Stage } from '../../../src/drills/stage.ts';
import { soakTape } from '../../../src/drills/soak/soak-tape.ts';
import { newFailover } from '../../../src/model/failover.ts';
import type { Json } from '../../../src/model/json.ts';
import { resources } from '../../../src/model/kube.ts';
import { plannedRequest } from '../../twin/protected-group.ts';
import { calm } from '../calm.ts';
import { change, judged } from '../properties/judged.ts';

const soak = soakTape({ seed: 1, topology: calm.topology, operations: 6 });

test('an object that each operation leaves behind breaks L16', () => {
  const { broken } = judged('L16', (stage) => moves(stage, true), soak);
  expect(broken[0]).toMatch(/^configmaps on cluster2: \d after 4 operations, \d at first$/);
});

test('one Failover object for each operation does not', () => {
  const { broken, looks } = judged('L16', (stage) => moves(stage, false), soak);
  expect(broken).toEqual([]);
  expect(looks).toBeGreaterThan(0);
});

/** Six operations that succeed at once. */
function moves(stage: Stage, leavesSomething: boolean): void {
  const { world } = stage.twin;
  const { api } = world.cluster('cluster2');
  for (let move = 1; move <= 6; move++) {
    const body = newFailover(plannedRequest(`move-${move}`, 'cluster1', 'cluster2')) as unknown as Json;
    api.request({ verb: 'create', resource: resources.failover, namespace: 'default', body });
    change(stage, 'cluster2', resources.failover, `move-${move}`, { status: { phase: 'Succeeded' } }, 'status');
    const left = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `move-${move}`, namespace: 'default' } };
    if (leavesSomething)
      api.request({ verb: 'create', resource: resources.configMap, namespace: 'default', body: left });
    world.runUntil(world.now + 30_000);
  }
}
