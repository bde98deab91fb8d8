import type { DrbdKernel } from '../../../src/drivers/sim/drbd/kernel.ts';
import { runProgram } from '../../../src/drivers/sim/satellite-shell/shell.ts';
import type { Millis } from '../../../src/model/instant.ts';
import type { ExecResult } from '../../../src/model/exec-result.ts';

/** The one resource of every recording. */
export const resource = 'vol';

/**
 * A recorded command line of drbdadm or drbdsetup, for the programs of a satellite's container; or of DRBD's own fault injection.
 * Undefined for another program, or for a command that the world's programs do not have.
 */
export function commandOf(
  kernel: DrbdKernel,
  node: string,
  command: string,
  now: () => Millis,
): (() => ExecResult) | undefined {
  const injected = /echo (\d+) > (?:\S+\/)?enable_faults/.exec(command)?.[1];
  if (injected !== undefined) return () => injectFaults(kernel, node, injected !== '0');
  if (!/^drbd(adm|setup) /.test(command)) return undefined;
  const words = command.split(' ');
  return () => runProgram({ kernel, node, now: now() }, words) ?? { exitCode: 127, stdout: '', stderr: '' };
}

function injectFaults(kernel: DrbdKernel, node: string, isBroken: boolean): ExecResult {
  kernel.breakDisk(resource, node, isBroken);
  return { exitCode: 0, stdout: '', stderr: '' };
}
