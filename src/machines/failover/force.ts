import { drbdCommands } from '../../model/drbd-command.ts';
import { type DrbdOrder, guardedCommand, lastOperationOf } from '../../model/drbd-order.ts';
import type { FailoverView } from '../../model/failover-view.ts';
import type { Satellite } from '../../model/satellite.ts';
import type { VolumeStanding } from '../../model/volume-standing.ts';
import type { FailoverContext } from './context.ts';
import { standingsIn } from './unplanned.ts';

/**
 * The commands that make volumes promotable against DRBD's will, by what was seen: a Secondary is promoted by force, and let
 * go of again, so that the VM's own node opens it. Each runs only while role and data are as they were seen.
 */
export function forceRequests(context: FailoverContext, view: FailoverView): readonly DrbdOrder[] {
  const satellites = view.satellites.known ? view.satellites.value : [];
  return standingsIn(view).flatMap((volume): readonly DrbdOrder[] => {
    const satellite = satellites.find(({ node }) => node === volume.replica?.node);
    if (satellite === undefined || context.forced?.includes(volume.resource) !== true) return [];
    return commandFor(volume, satellite);
  });
}

function commandFor({ resource, target, report }: VolumeStanding, satellite: Satellite): readonly DrbdOrder[] {
  // Without a look at DRBD itself there is nothing that a precondition could name.
  const peer = report?.peers.find(({ generation }) => generation !== undefined);
  if (report === undefined || peer?.generation === undefined) return [];
  const seen = { peer: peer.node, peerNodeId: peer.nodeId, current: peer.generation.current };
  const after = lastOperationOf(report);
  if (report.role === 'Primary') {
    const isOurs = report.open === 'no';
    return isOurs
      ? [guardedCommand(satellite, { resource, role: 'Primary' }, drbdCommands.demote(resource), after)]
      : [];
  }
  if (report.role !== 'Secondary' || (target !== 'noQuorum' && target !== 'notCurrent')) return [];
  const precondition = { resource, role: 'Secondary', generation: seen } as const;
  return [guardedCommand(satellite, precondition, drbdCommands.forcePrimary(resource), after)];
}
