import type { ExitName } from './exit-codes.ts';

export interface CommandErrorDetails {
  /** Why it is so, as far as it is known: what was expected and what came. */
  readonly reason?: string;
  /** What the person can do next: a command or an act. */
  readonly remedy?: string;
  readonly exit?: Exclude<ExitName, 'ok'>;
  readonly cause?: unknown;
}

/** Something that a person is told: what failed (the message), why, and what to do next. */
export class CommandError extends Error {
  readonly reason: string | undefined;
  readonly remedy: string | undefined;
  readonly exit: Exclude<ExitName, 'ok'>;

  constructor(what: string, details: CommandErrorDetails = {}) {
    super(what, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CommandError';
    this.reason = details.reason;
    this.remedy = details.remedy;
    this.exit = details.exit ?? 'error';
  }

  /** The same error with its texts changed. */
  reworded(change: (text: string) => string): CommandError {
    return new CommandError(change(this.message), {
      ...(this.reason === undefined ? {} : { reason: change(this.reason) }),
      ...(this.remedy === undefined ? {} : { remedy: change(this.remedy) }),
      exit: this.exit,
      cause: this.cause,
    });
  }
}

/** A mistake on the command line. */
export function usageError(what: string, remedy?: string): CommandError {
  return new CommandError(what, remedy === undefined ? { exit: 'usage' } : { exit: 'usage', remedy });
}

/** Anything thrown, as something that a person can be told. What is not a CommandError is a mistake of this program. */
export function commandErrorOf(thrown: unknown): CommandError {
  if (thrown instanceof CommandError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new CommandError('pgctl itself failed', {
    reason: message,
    remedy:
      'Run it again with --verbose to see where, and report it: the state of the clusters is kept in the clusters',
    cause: thrown,
  });
}
