import { diskfulReplicas, type VolumeView } from './drbd-replica.ts';
import type { SiteName } from './site.ts';

/**
 * What the copies that are left could do if every node of a site vanished at one moment. `off`: DRBD does not ask for quorum, so
 * that a cut link looks like a lost site. `none`: no copy is left. `unknown`: not everything about the volume is known.
 */
export type QuorumAfterLoss = 'kept' | 'lost' | 'off' | 'none' | 'unknown';

/**
 * Whether the copies on the other sites would keep quorum, from the view of a volume in good health (`calc_quorum` in
 * drbd/drbd_state.c of LINBIT). A replica without a disk has no vote; of an even number of votes it keeps one half quorate, if it
 * is seen. One that vanishes together with the other half does not help, although it may, by luck, be missed a moment later.
 */
export function quorumAfterLoss(volume: VolumeView, lost: SiteName): QuorumAfterLoss {
  const { replicas, options } = volume;
  if (!options.quorum.known || replicas.some(({ site }) => site === undefined)) return 'unknown';
  const diskful = diskfulReplicas(volume);
  const left = diskful.filter(({ site }) => site !== lost).length;
  if (left === 0) return 'none';
  const setting = options.quorum.value ?? 'off';
  if (setting === 'off') return 'off';
  const voters = diskful.length;
  const needed = setting === 'majority' ? majorityOf(voters) : setting === 'all' ? voters : Number(setting);
  if (!Number.isInteger(needed)) return 'unknown';
  if (left >= needed) return 'kept';
  const diskless = replicas.filter(({ kind }) => kind !== 'diskful');
  const seen = diskless.filter(({ site }) => site !== lost).length;
  const isTied = voters % 2 === 0 && left === needed - 1;
  return isTied && seen > 0 && seen >= majorityOf(diskless.length) ? 'kept' : 'lost';
}

function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}
