import { calmIsFast, desiredComesAbout, fixpoint, operationsEnd, replicationHeals } from './at-rest.ts';
import { bounded } from '../soak/bounded.ts';
import { servesAgain } from '../liveness/serves-again.ts';
import { deleteSafety, syncHygiene } from './copies.ts';
import { noSilentDiscard, unplannedBound } from './data.ts';
import { noDualRun, plannedZeroLoss, singleWriter, startAfterStop, successHonesty } from './ground-truth.ts';
import { oneDesired, readyMeansEqual, statusHonesty } from './objects.ts';
import type { Property } from './property.ts';
import { quorumArithmetic } from './quorum-rule.ts';
import { cacheHeals, coreOnly, givesWay, leaseHeals, noMuteMixed, splitBrainSurfaced } from './recovery.ts';
import { epochMonotone, forceGuard, freshBeforeDestroy, taintFrame, writeAhead } from './requests.ts';
import { noSecrets } from './secrets.ts';
import { totalMachine } from './total-machine.ts';
import { cancelHonoured, powerKept, steadyHand } from './driving.ts';
import { leaseHeld } from './leases.ts';
import { pointOfNoReturn, readyBeforeStop, startWhenReady } from './seen-orders.ts';
import { patience, punctuality } from './time-limits.ts';
import { taintWindow } from './taints.ts';
import { keptFirst, recoveredEqual } from './recovered.ts';
import { recoveriesSucceed } from './recoveries.ts';
import { stepHonesty } from './steps.ts';
import { consentBound, forceIsOver, lossBound, oneSideInTheEnd, withoutUnplanned } from './unplanned.ts';

/** Everything that every run is judged by, safety first. */
export const properties: readonly Property[] = [
  withoutUnplanned(singleWriter),
  withoutUnplanned(noDualRun),
  withoutUnplanned(plannedZeroLoss),
  withoutUnplanned(unplannedBound),
  forceGuard,
  withoutUnplanned(noSilentDiscard),
  deleteSafety,
  epochMonotone,
  freshBeforeDestroy,
  writeAhead,
  withoutUnplanned(oneDesired),
  taintFrame,
  syncHygiene,
  statusHonesty,
  fixpoint,
  totalMachine,
  quorumArithmetic,
  noSecrets,
  withoutUnplanned(readyMeansEqual),
  withoutUnplanned(startAfterStop),
  withoutUnplanned(successHonesty),
  withoutUnplanned(stepHonesty),
  withoutUnplanned(startWhenReady),
  withoutUnplanned(readyBeforeStop),
  leaseHeld,
  powerKept,
  taintWindow,
  pointOfNoReturn,
  desiredComesAbout,
  operationsEnd,
  calmIsFast,
  splitBrainSurfaced,
  givesWay,
  replicationHeals,
  noMuteMixed,
  cacheHeals,
  leaseHeals,
  coreOnly,
  servesAgain,
  bounded,
  patience,
  punctuality,
  steadyHand,
  cancelHonoured,
  consentBound,
  lossBound,
  forceIsOver,
  recoveredEqual,
  keptFirst,
  oneSideInTheEnd,
  recoveriesSucceed,
];
