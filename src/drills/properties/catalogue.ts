import { calmIsFast, desiredComesAbout, fixpoint, operationsEnd, replicationHeals } from './at-rest.ts';
import { noDualRun, plannedZeroLoss, singleWriter, startAfterStop, successHonesty } from './ground-truth.ts';
import { oneDesired, readyMeansEqual, statusHonesty } from './objects.ts';
import type { Property } from './property.ts';
import { epochMonotone, freshBeforeDestroy, taintFrame, writeAhead } from './requests.ts';

/** Everything that every run is judged by, safety first. */
export const properties: readonly Property[] = [
  singleWriter,
  noDualRun,
  plannedZeroLoss,
  epochMonotone,
  freshBeforeDestroy,
  writeAhead,
  oneDesired,
  taintFrame,
  statusHonesty,
  fixpoint,
  readyMeansEqual,
  startAfterStop,
  successHonesty,
  desiredComesAbout,
  operationsEnd,
  calmIsFast,
  replicationHeals,
];
