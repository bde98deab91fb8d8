import { differenceOf, unionOf } from '../../src/drivers/sim/drbd/write-set.ts';
import { conditionOf } from '../../src/model/condition-of.ts';
import { isUnfinished } from '../../src/model/failover.ts';
import { minute, second } from '../../src/model/instant.ts';
import { textAt } from '../../src/model/json.ts';
import { type KubeObject, resources } from '../../src/model/kube.ts';
import type { RecoveryRequest } from '../../src/model/recovery/recovery-request.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { type ProtectedSettings, protectedTwin } from './protected-group.ts';

export const resolveRequest: RecoveryRequest = {
  name: 'mend',
  namespace: 'default',
  group: 'pg',
  action: 'Resolve',
  driver: 'cluster1',
  other: 'cluster2',
  survivor: 'cluster1',
  snapshot: true,
  consents: [],
  requestedBy: { user: 'operator', host: 'desk', client: 'pgctl' },
};

const { survivor: _survivor, ...anySide } = resolveRequest;
export const verifyRequest: RecoveryRequest = { ...anySide, name: 'check', action: 'Verify', snapshot: false };

/** The nodes of the protected twin that hold copies. */
export const [home, standby] = ['cluster1-node-1', 'cluster2-node-1'] as const;

/** A protected group whose copies have all gone ways of their own: quorum is off, the link was cut, and both sides wrote. */
export function partedTwin(settings: ProtectedSettings = {}): Twin {
  const twin = protectedTwin(1, settings);
  const { kernel } = twin;
  for (const volume of kernel.resourceNames()) {
    kernel.setOptions(volume, { quorum: 'off' });
    kernel.setLink(home, standby, false);
  }
  pass(twin, 20 * second);
  for (const volume of kernel.resourceNames()) {
    kernel.promote(volume, standby, { force: true });
    kernel.open(volume, standby, 'somebody', 'rw');
    kernel.write(volume, standby, 'somebody');
    kernel.close(volume, standby, 'somebody');
    kernel.demote(volume, standby);
  }
  kernel.setLink(home, standby, true);
  pass(twin, minute);
  return twin;
}

export function pass({ world }: Twin, time: number): void {
  world.runUntil(world.now + time);
}

/** Blocks of all volumes that the two copies do not share. */
export function differing({ kernel }: Twin): number {
  const blocks = kernel.resourceNames().map((volume) => {
    const [one, other] = [kernel.replica(volume, home)!.data, kernel.replica(volume, standby)!.data];
    return unionOf(differenceOf(one, other), differenceOf(other, one)).length;
  });
  return blocks.reduce((sum, count) => sum + count, 0);
}

export function recoveryOn(twin: Twin, { driver, name }: RecoveryRequest): KubeObject | undefined {
  return twin.world.cluster(driver).api.get(resources.recovery, 'default', name);
}

/** Runs the world until the recovery has ended, whoever drives it; at most an hour. Answers with its phase. */
export function runToEnd(twin: Twin, request: RecoveryRequest): string {
  const { world } = twin;
  const limit = world.now + 60 * minute;
  const isOpen = (): boolean => {
    const object = recoveryOn(twin, request);
    return object === undefined || isUnfinished(object);
  };
  while (world.now < limit && isOpen()) pass(twin, second);
  // The last answer is still on its way to the one who drives it.
  pass(twin, second);
  return textAt(recoveryOn(twin, request), 'status', 'phase') ?? '';
}

/** A condition of the group on a site. */
export function condition(twin: Twin, site: string, type: string): string | undefined {
  const group = twin.world.cluster(site).api.get(resources.protectionGroup, 'default', 'pg');
  return group && conditionOf(group, type)?.status;
}
