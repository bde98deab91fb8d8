import type { CommandContext } from './context.ts';

/**
 * Asks `question [y/N]: ` and reads one line from standard input, a pipe too. Only y or yes means yes; the end of the
 * input means no. An answer that came from a pipe is printed, so that the output reads like the one of a person.
 */
export async function confirm(
  question: string,
  context: CommandContext,
  to: 'stdout' | 'stderr' = 'stdout',
): Promise<boolean> {
  const sink = context[to];
  sink.write(`${question} [y/N]: `);
  const answer = await context.stdin.readLine();
  if (!context.stdin.isTerminal || answer === undefined) sink.write(`${answer ?? ''}\n`);
  return /^(y|yes)$/i.test((answer ?? '').trim());
}
