import { unreachable } from '../model/assert.ts';
import type { OperationVerdict } from '../model/projection.ts';

/** What a run of pgctl came to. The names are stable, and so are the numbers in `exitCodes`. */
export type ExitName = keyof typeof exitCodes;

/** The one table of exit codes: `pgctl --help` and the documentation print it. */
export const exitCodes = {
  ok: { code: 0, meaning: 'done, or everything that was asked for is in order' },
  error: { code: 1, meaning: 'failed: the message says what, why and what to do next' },
  usage: { code: 2, meaning: 'the command line or the configuration is wrong; nothing was done' },
  notReady: {
    code: 3,
    meaning: 'not ready: validation, the dry run or a preflight check found something; nothing was done',
  },
  held: { code: 4, meaning: 'another operation holds the protection group; nothing was done' },
  timedOut: { code: 5, meaning: 'timed out, or left by Ctrl-C: the message says what goes on and how to follow it' },
  rolledBack: { code: 6, meaning: 'rolled back: the VMs run on the source cluster again' },
  cancelled: { code: 7, meaning: 'cancelled or declined: nothing was changed, or what was is undone' },
  needsAttention: { code: 8, meaning: 'needs attention: a person has to decide; the message names the next command' },
  cannotTell: { code: 2, meaning: 'of a drill: none of its runs failed, and some were cut off' },
} as const;

/** The exit of a command that followed an operation to its end. */
export function exitOfVerdict(verdict: OperationVerdict): ExitName {
  switch (verdict.kind) {
    case 'succeeded':
      return 'ok';
    case 'failed':
      return verdict.because === 'timeout' ? 'timedOut' : 'error';
    case 'refused':
      return verdict.because;
    case 'rolledBack':
    case 'cancelled':
    case 'needsAttention':
      return verdict.kind;
    default:
      return unreachable(verdict);
  }
}

/** The table as lines, for `pgctl --help`. */
export function exitCodeLines(): readonly string[] {
  return Object.values(exitCodes).map(({ code, meaning }) => `  ${code}  ${meaning}`);
}
