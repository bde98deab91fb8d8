import type { CheckLine, Finding } from '../findings.ts';
import type { GroupView } from '../group-view.ts';
import { type Known, unknown } from '../known.ts';
import { claimDefinitionsExist, claimsAreBound, volumeDefinitionsExist } from './claims.ts';
import { unlessModelDiffers } from './deployment-model.ts';
import {
  groupExists,
  membersAgree,
  membersAreInOneGroup,
  noOtherOperation,
  oneSiteIsDesired,
  targetIsNotDesired,
  wavesAgree,
} from './group.ts';
import { targetHasWhatIsNeeded } from './target-needs.ts';
import { replicationIsHealthy, storageClassesReplicate, volumesSpanBothSites } from './replication.ts';
import { quorumSurvivesEitherSite } from './site-loss.ts';
import { roomIsExpected, targetHasRoom } from './target-room.ts';
import { copiesAreTogether, nothingIsMarked, shownTroubles } from './troubles.ts';
import {
  copiesStandStill,
  definitionsExist,
  powersAreKnown,
  virtualMachinesAreValid,
  virtualMachinesRun,
} from './virtual-machines.ts';
import { volumesAreTheirsAlone } from './volume-use.ts';

/** Who asks, and what they have accepted. */
export interface PreflightAsked {
  /** The operation that asks: any other that has not ended speaks against it. */
  readonly ownOperation?: string;
  /** Nodes are expected for VMs for which the target has no room now. */
  readonly withoutRoom?: true;
}

/** The lines of a failover's pre-flight checks, as `--dry-run` prints them and the machine evaluates them before it acts. */
export function preflightChecks(
  view: GroupView,
  { ownOperation, withoutRoom }: PreflightAsked = {},
): readonly CheckLine[] {
  const { source, target, scope } = view;
  return [
    line('group', 'Protection Group exists on both clusters', [
      ...groupExists(view, source),
      ...groupExists(view, target),
      ...membersAgree(view),
      ...wavesAgree(view),
      ...oneSiteIsDesired(view),
      ...targetIsNotDesired(view),
      ...noOtherOperation(view, ownOperation),
      // What a controller wrote may be old: the way out of a disaster is not barred by it.
      ...shownTroubles(view, source, 'warning'),
      ...shownTroubles(view, target, 'warning'),
      ...virtualMachinesAreValid(source),
      ...powersAreKnown(source),
      ...claimsAreBound(source, target),
    ]),
    line('virtualMachines', 'VM definitions exist on target cluster', [
      ...definitionsExist(target, scope.group),
      ...copiesStandStill(target),
      ...targetHasWhatIsNeeded(view),
    ]),
    line('claims', 'PVC definitions exist on target cluster', claimDefinitionsExist(target, scope.group)),
    line('volumes', 'PV definitions exist on target cluster', volumeDefinitionsExist(target, source, scope.group)),
    line('otherGroups', 'No other Protection Groups running on target', [
      ...membersAreInOneGroup(view, target),
      // Another group of the source would start there what this one stops.
      ...membersAreInOneGroup(view, source),
      ...volumesAreTheirsAlone(view),
      ...(withoutRoom ? roomIsExpected(view) : targetHasRoom(view)),
    ]),
    line('replication', 'DRBD replication healthy', [
      ...copiesAreTogether(view),
      ...unlessModelDiffers(view.askedStorage, [view.source, view.target], () => [
        ...volumesSpanBothSites(view),
        ...replicationIsHealthy(view),
      ]),
    ]),
  ];
}

/**
 * The lines of `pgctl validate`, per cluster: `active` is the site that runs the group, `standby` the other. `outOfSync`: KiB
 * that DRBD has marked as not equal.
 */
export function validationChecks(
  view: GroupView,
  outOfSync: Known<number> = unknown('DRBD was not asked'),
): {
  readonly active: readonly CheckLine[];
  readonly standby: readonly CheckLine[];
} {
  const { source, target, scope } = view;
  return {
    active: [
      line('group', 'Protection Group exists', [
        ...groupExists(view, source),
        ...oneSiteIsDesired(view),
        ...shownTroubles(view, source, 'error'),
      ]),
      line('virtualMachines', 'VMs exist and are valid', [
        ...virtualMachinesAreValid(source),
        ...virtualMachinesRun(source),
        ...membersAreInOneGroup(view, source),
        ...volumesAreTheirsAlone(view),
      ]),
      line('claims', 'PVCs are bound', claimsAreBound(source)),
      geoReplicationLine(view),
      line('replication', 'DRBD resources healthy', [
        ...copiesAreTogether(view),
        ...unlessModelDiffers(view.askedStorage, [view.source, view.target], () => [
          ...replicationIsHealthy(view),
          ...nothingIsMarked(view, outOfSync),
          ...quorumSurvivesEitherSite(view),
        ]),
      ]),
    ],
    standby: [
      line('group', 'Protection Group exists', [
        ...groupExists(view, target),
        ...membersAgree(view),
        ...wavesAgree(view),
        ...shownTroubles(view, target, 'error'),
      ]),
      line('virtualMachines', 'VM definitions exist', [
        ...definitionsExist(target, scope.group),
        ...copiesStandStill(target),
        ...targetHasWhatIsNeeded(view),
        ...targetHasRoom(view),
      ]),
      line('claims', 'PVC definitions exist', claimDefinitionsExist(target, scope.group)),
      line('volumes', 'PV definitions exist', volumeDefinitionsExist(target, source, scope.group)),
      line(
        'storageClass',
        'Storage class supports geo-replication',
        unlessModelDiffers(view.askedStorage, [view.source, view.target], () => storageClassesReplicate(target)),
      ),
    ],
  };
}

/** The volumes of the source are replicated, as its StorageClasses ask for it, and have copies on both sites. */
export function geoReplicationLine(view: GroupView): CheckLine {
  const asksFor = view.askedStorage === 'drbd-operator' ? 'a policy with >= 2 clusters' : 'placementCount >= 2';
  return line(
    'geoReplication',
    `Geo-replication enabled (${asksFor})`,
    unlessModelDiffers(view.askedStorage, [view.source, view.target], () => [
      ...storageClassesReplicate(view.source),
      ...volumesSpanBothSites(view),
    ]),
  );
}

function line(id: string, title: string, findings: readonly Finding[]): CheckLine {
  return { id, title, findings };
}
