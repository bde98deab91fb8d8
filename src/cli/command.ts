import { CommandError, usageError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import type { ExitName } from './exit-codes.ts';

/** What the command line gave for one argument: nothing, a flag, a value, or the values of a repeated one. */
export type RawValue = undefined | boolean | string | readonly string[];

/** Where the shell's completion finds values for an argument. */
export type Suggestion = 'clusters' | 'protectionGroups' | 'files';

/** One argument of a command, as help, completion and parsing need it. */
export interface Argument<Value> {
  readonly kind: 'positional' | 'option' | 'flag';
  /** `NAME` for a positional, `-n, --namespace NAMESPACE` for an option, `--yes` for a flag. */
  readonly flags: string;
  readonly about: string;
  readonly required: boolean;
  readonly repeated: boolean;
  readonly values?: readonly string[];
  readonly suggest?: Suggestion;
  /** Turns what was given into the value. Throws a usage error that names the argument. */
  readonly read: (raw: RawValue) => Value;
}

export type ArgumentTable = Readonly<Record<string, Argument<unknown>>>;

/** The values of a table of arguments, each under its name. */
export type ValuesOf<Table extends ArgumentTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Argument<infer Value> ? Value : never;
};

/**
 * A command as a value. It is parsed (by its table), completed (from configuration), validated (before anything is
 * touched) and run, in this order. Help, documentation and shell completion come from the same value.
 */
export interface CommandDefinition<Table extends ArgumentTable, Completed> {
  /** The words that call it, such as `create protectiongroup`. */
  readonly name: string;
  /** What it does, in a few sentences; shown by its help. */
  readonly about: string;
  readonly examples: readonly string[];
  readonly args: Table;
  /** Fills in what was left out, from the configuration. */
  readonly complete: (values: ValuesOf<Table>, context: CommandContext) => Completed | Promise<Completed>;
  /** Throws a usage error when the completed values do not go together. */
  readonly validate?: (completed: Completed) => void;
  readonly run: (completed: Completed, context: CommandContext) => Promise<ExitName>;
}

/** What the program needs of any command. */
export interface Command {
  readonly name: string;
  readonly about: string;
  readonly examples: readonly string[];
  readonly args: ArgumentTable;
  /** Parses, completes, validates and runs it. Throws a CommandError for everything that a person is to be told. */
  readonly invoke: (raw: Readonly<Record<string, RawValue>>, context: CommandContext) => Promise<ExitName>;
}

/** A definition whose values are taken as they were given. */
type PlainDefinition<Table extends ArgumentTable> = Omit<CommandDefinition<Table, ValuesOf<Table>>, 'complete'> & {
  readonly complete?: undefined;
};

/** Makes a command from its definition; see CommandDefinition. */
export function defineCommand<const Table extends ArgumentTable>(definition: PlainDefinition<Table>): Command;
export function defineCommand<const Table extends ArgumentTable, Completed>(
  definition: CommandDefinition<Table, Completed>,
): Command;
export function defineCommand<const Table extends ArgumentTable, Completed>(
  definition: CommandDefinition<Table, Completed> | PlainDefinition<Table>,
): Command {
  return {
    name: definition.name,
    about: definition.about,
    examples: definition.examples,
    args: definition.args,
    invoke: async (raw, context) => {
      const values = Object.fromEntries(
        Object.entries(definition.args).map(([name, argument]) => [name, argument.read(raw[name])]),
      ) as ValuesOf<Table>;
      if (definition.complete === undefined) {
        definition.validate?.(values);
        return definition.run(values, context);
      }
      const completed = await definition.complete(values, context);
      definition.validate?.(completed);
      return definition.run(completed, context);
    },
  };
}

interface Extra {
  readonly values?: readonly string[];
  readonly suggest?: Suggestion;
}

/** A value given by its place, such as the NAME of a group. */
export function positional(name: string, about: string, extra: Extra = {}): Argument<string> {
  return {
    kind: 'positional',
    flags: name,
    about,
    required: true,
    repeated: false,
    ...extra,
    read: textOf(name, extra),
  };
}

/** A value given by its place that may be left out. */
export function optionalPositional(name: string, about: string, extra: Extra = {}): Argument<string | undefined> {
  const read = (raw: RawValue): string | undefined => (raw === undefined ? undefined : textOf(name, extra)(raw));
  return { kind: 'positional', flags: name, about, required: false, repeated: false, ...extra, read };
}

/** Any number of values given by their places, none among them. */
export function repeatedPositional(name: string, about: string, extra: Extra = {}): Argument<readonly string[]> {
  const read = (raw: RawValue): readonly string[] =>
    (Array.isArray(raw) ? (raw as readonly string[]) : []).map(textOf(name, extra));
  return { kind: 'positional', flags: name, about, required: false, repeated: true, ...extra, read };
}

/** An option with a value, such as `--to CLUSTER`. */
export function option(flags: string, about: string, extra: Extra = {}): Argument<string | undefined> {
  const read = (raw: RawValue): string | undefined =>
    raw === undefined ? undefined : textOf(longOf(flags), extra)(raw);
  return { kind: 'option', flags, about, required: false, repeated: false, ...extra, read };
}

/** An option that must be given. */
export function requiredOption(flags: string, about: string, extra: Extra = {}): Argument<string> {
  return {
    kind: 'option',
    flags,
    about,
    required: true,
    repeated: false,
    ...extra,
    read: textOf(longOf(flags), extra),
  };
}

/** An option that may be given several times; at least once when required. */
export function repeatedOption(
  flags: string,
  about: string,
  extra: Extra & { readonly required?: boolean } = {},
): Argument<readonly string[]> {
  const { required = false, ...rest } = extra;
  const read = (raw: RawValue): readonly string[] => {
    const given = raw === undefined ? [] : Array.isArray(raw) ? (raw as readonly string[]) : [String(raw)];
    if (required && given.length === 0) throw usageError(`${longOf(flags)} is missing`);
    return given.map(textOf(longOf(flags), rest));
  };
  return { kind: 'option', flags, about, required, repeated: true, ...rest, read };
}

/** An option with a number, such as `--timeout SECONDS`. Bounds are inclusive; only whole numbers unless said otherwise. */
export function numberOption(
  flags: string,
  about: string,
  bounds: { readonly min: number; readonly max: number; readonly fraction?: boolean },
): Argument<number | undefined> {
  const read = (raw: RawValue): number | undefined => {
    if (raw === undefined) return undefined;
    const value = /^\d+(\.\d+)?$/.test(String(raw)) ? Number(raw) : Number.NaN;
    const fits = value >= bounds.min && value <= bounds.max && (bounds.fraction === true || Number.isInteger(value));
    if (fits) return value;
    const kind = bounds.fraction === true ? 'a number' : 'a whole number';
    throw usageError(
      `Expected ${longOf(flags)} to be ${kind} from ${bounds.min} to ${bounds.max}, got "${String(raw)}"`,
    );
  };
  return { kind: 'option', flags, about, required: false, repeated: false, read };
}

/** A switch without a value. */
export function flag(flags: string, about: string): Argument<boolean> {
  return { kind: 'flag', flags, about, required: false, repeated: false, read: (raw) => raw === true };
}

/** `--to` of `--to CLUSTER`, `--namespace` of `-n, --namespace NAMESPACE`. */
export function longOf(flags: string): string {
  return /--[a-z0-9-]+/.exec(flags)?.[0] ?? flags;
}

function textOf(name: string, extra: Extra): (raw: RawValue) => string {
  return (raw) => {
    if (raw === undefined) throw usageError(`${name} is missing`);
    if (typeof raw !== 'string' || raw === '') throw usageError(`${name} must not be empty`);
    if (extra.values !== undefined && !extra.values.includes(raw)) {
      throw new CommandError(`Expected ${name} to be one of ${extra.values.join(', ')}, got "${raw}"`, {
        exit: 'usage',
      });
    }
    return raw;
  };
}
