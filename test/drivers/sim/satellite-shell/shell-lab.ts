import { runProgram } from '../../../../src/drivers/sim/satellite-shell/shell.ts';
import type { ExecResult } from '../../../../src/model/exec-result.ts';
import { DrbdLab } from '../drbd/drbd-lab.ts';

/** The satellites of a `DrbdLab`: a command line, word by word, on one of its nodes. */
export class ShellLab extends DrbdLab {
  run(node: string, ...command: readonly string[]): ExecResult {
    const result = runProgram({ kernel: this.kernel, node, now: this.clock.now }, command);
    if (result === undefined) throw new Error(`the container has no ${command[0]}`);
    return result;
  }

  /** A command line without quotes. */
  type(node: string, line: string): ExecResult {
    return this.run(node, ...line.split(' '));
  }
}
