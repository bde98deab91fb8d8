import type { ExecResult } from '../../../model/exec-result.ts';
import type { CommandResult } from '../drbd/refusals.ts';

/** A program that ended well, and printed this. */
export function printed(stdout: string): ExecResult {
  return { exitCode: 0, stdout, stderr: '' };
}

/** A program that ended with an exit code, and said why in one line or several. */
export function failed(exitCode: number, message: string): ExecResult {
  return { exitCode, stdout: '', stderr: message === '' ? '' : `${message}\n` };
}

/** What drbdsetup prints of the kernel's answer. It names the object as it was named to it: a resource, or a minor number. */
export function resultOf({ exit, text }: CommandResult, object: string): ExecResult {
  return failed(exit, text.replace(/^\S+: /, `${object}: `));
}

/** Runs one command after the other, and stops at the first that fails. */
export function inTurn(commands: readonly (() => ExecResult)[]): ExecResult {
  let stdout = '';
  for (const command of commands) {
    const result = command();
    stdout += result.stdout;
    if (result.exitCode !== 0) return { ...result, stdout };
  }
  return printed(stdout);
}
