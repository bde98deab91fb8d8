import { join } from 'node:path';
import { packageFolder } from '../product-files.ts';

/**
 * The scenarios that `pgctl drill sweep` takes when none is named: calm and troubled ones, both directions, with a third site
 * and without, and operations that somebody else resumes.
 */
const names = [
  'planned',
  'planned-without-quorum-site',
  'way-back-cancelled',
  'both-directions',
  'answers-lost',
  'driver-dies',
  'driver-dies-while-starting',
  'driver-dies-while-turning-back',
  'device-stays-open',
  'guest-does-not-stop',
  'quorum-taint-flaps',
  'source-site-lost-in-mid-stop',
];

/** Their files, in the package that this program is part of. */
export function referenceScenarios(): readonly string[] {
  return names.map((name) => join(packageFolder(), 'scenarios', `${name}.yaml`));
}
