import type { CommandContext } from './context.ts';

/** Asks for a word and reads one line from standard input, a pipe too; undefined at the end of the input. */
export async function askWord(
  question: string,
  context: CommandContext,
  to: 'stdout' | 'stderr' = 'stdout',
): Promise<string | undefined> {
  const sink = context[to];
  sink.write(question);
  const answer = await context.stdin.readLine();
  if (!context.stdin.isTerminal || answer === undefined) sink.write(`${answer ?? ''}\n`);
  return answer?.trim();
}

/**
 * Asks `question [y/N]: ` and reads one line from standard input, a pipe too. Only y or yes means yes; the end of the
 * input means no. An answer that came from a pipe is printed, so that the output reads like the one of a person.
 */
export async function confirm(
  question: string,
  context: CommandContext,
  to: 'stdout' | 'stderr' = 'stdout',
): Promise<boolean> {
  const answer = await askWord(`${question} [y/N]: `, context, to);
  return /^(y|yes)$/i.test(answer ?? '');
}
