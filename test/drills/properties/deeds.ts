import type { Replica } from '../../../src/drivers/sim/drbd/replica.ts';
import type { Stage } from '../../../src/drills/stage.ts';
import { newFailover } from '../../../src/model/failover.ts';
import type { Json } from '../../../src/model/json.ts';
import { resources } from '../../../src/model/kube.ts';
import { plannedRequest } from '../../twin/protected-group.ts';
import { change } from './judged.ts';

// What is done to a stage to see whether a property notices.

export const node = 'cluster2-node-1';

export function volumeOf({ groups }: Stage): string {
  return groups[0]?.volumes[0] ?? '';
}

export function replica(stage: Stage, where: string): Replica {
  const found = stage.twin.kernel.replica(volumeOf(stage), where);
  if (found === undefined) throw new Error(`no replica on ${where}`);
  return found;
}

/** Makes the kernel say that something of a volume has changed. */
export function stir(stage: Stage): void {
  stage.twin.kernel.administer(volumeOf(stage), node, { kind: 'verify', peer: 'cluster1-node-1' } as never);
}

export function launch(stage: Stage): void {
  const { guests } = stage.twin;
  const disks = [volumeOf(stage)];
  guests.launch({
    namespace: 'default',
    vm: 'vm-1',
    cluster: 'cluster2',
    node,
    podUid: 'second',
    podName: 'second',
    disks,
  });
  guests.boot('second');
}

export function record(stage: Stage, status?: Json): void {
  const body = newFailover(plannedRequest('away', 'cluster1', 'cluster2')) as unknown as Json;
  const { api } = stage.twin.world.cluster('cluster2');
  api.request({ verb: 'create', resource: resources.failover, namespace: 'default', body });
  if (status !== undefined) change(stage, 'cluster2', resources.failover, 'away', { status }, 'status');
}
