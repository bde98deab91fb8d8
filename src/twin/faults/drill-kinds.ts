import { clockDrifts, clockWrong } from './clock-faults.ts';
import { componentDown } from './component-faults.ts';
import { wrongSideDiscarded } from './divergence-faults.ts';
import type { FaultKind } from './fault.ts';
import { faultKinds } from './fault-board.ts';
import { guestCrash, guestDeaf, guestPaused } from './guest-faults.ts';
import { deskCut, linkFlap, oneWayCut } from './link-faults.ts';
import { newsDoubled, newsLate, newsLost } from './news-faults.ts';
import { nodeCordoned, nodeDeleted, nodeDrained } from './node-faults.ts';
import { claimMismatch, podKept, podQuota, reclaimDelete } from './object-faults.ts';
import {
  diskBroken,
  probeOpens,
  quorumOff,
  replicaDetached,
  replicaDown,
  replicaInvalidated,
  replicaOutdated,
  replicaPromoted,
  resyncSlow,
} from './replica-faults.ts';
import { roleWrong } from './role-faults.ts';
import { readsStale } from './stale-reads.ts';
import { replicaReplaced, satelliteLost } from './storage-faults.ts';
import { apiClogged, apiRefuses, apiSlow, typeMissing, writesFail, writesStall } from './wire-faults.ts';

/** Every fault that a drill knows: those of a lab, and those that make sense only where the product runs inside the world. */
export const drillFaultKinds: readonly FaultKind[] = [
  ...faultKinds,
  apiSlow,
  apiClogged,
  apiRefuses,
  writesStall,
  writesFail,
  typeMissing,
  readsStale,
  newsLate,
  newsLost,
  newsDoubled,
  roleWrong,
  clockWrong,
  clockDrifts,
  oneWayCut,
  deskCut,
  linkFlap,
  wrongSideDiscarded,
  replicaOutdated,
  replicaInvalidated,
  resyncSlow,
  replicaDetached,
  diskBroken,
  replicaDown,
  replicaPromoted,
  replicaReplaced,
  quorumOff,
  probeOpens,
  satelliteLost,
  claimMismatch,
  reclaimDelete,
  podQuota,
  podKept,
  nodeCordoned,
  nodeDrained,
  nodeDeleted,
  componentDown,
  guestDeaf,
  guestCrash,
  guestPaused,
];
