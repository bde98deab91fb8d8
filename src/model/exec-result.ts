import { isJsonObject, numberAt, textAt } from './json.ts';
import { type Known, known, unknown } from './known.ts';
import type { Outcome } from './request.ts';

/** What a command in a container came to. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The outcome of a command that has run to its end. */
export function execOutcome({ exitCode, stdout, stderr }: ExecResult): Outcome {
  return { kind: 'applied', status: 200, body: { exitCode, stdout, stderr } };
}

/** How a command ended; unknown when it may not have run to its end. */
export function execResultOf(outcome: Outcome): Known<ExecResult> {
  if (outcome.kind !== 'applied') return unknown(outcome.message);
  const { body } = outcome;
  const exitCode = isJsonObject(body) ? numberAt(body, 'exitCode') : undefined;
  if (exitCode === undefined) return unknown('the answer is not that of a command');
  return known({ exitCode, stdout: textAt(body, 'stdout') ?? '', stderr: textAt(body, 'stderr') ?? '' });
}
