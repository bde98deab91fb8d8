import { Command as CommanderCommand, CommanderError, Option } from 'commander';
import { type CatalogueEntry, catalogue, commandGroups } from './catalogue.ts';
import type { Argument, Command, RawValue } from './command.ts';
import { exitCodeLines, exitCodes } from './exit-codes.ts';
import { programTexts } from './program-help.ts';
import { commandContext, type GlobalOptions, type ProcessContext } from './process-context.ts';

/**
 * Parses a command line and runs its command, or shows the help or the mistake. Answers the exit code; throws what the
 * command throws.
 */
export async function runWithCommander(
  words: readonly string[],
  process: ProcessContext,
  entry: CatalogueEntry | undefined,
  command: Command | undefined,
): Promise<number> {
  const outcome: ProgramOutcome = { exit: exitCodes.ok.code };
  try {
    await buildProgram(process, outcome, entry, command).parseAsync([...words], { from: 'user' });
    return outcome.exit;
  } catch (thrown) {
    // Commander has already written its help text or its message.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.ok.code : exitCodes.usage.code;
    throw thrown;
  }
}

interface ProgramOutcome {
  exit: number;
}

function buildProgram(
  process: ProcessContext,
  outcome: ProgramOutcome,
  wanted: CatalogueEntry | undefined,
  command: Command | undefined,
): CommanderCommand {
  const program = new CommanderCommand('pgctl')
    .description(programTexts.about)
    .option(...programTexts.configDir)
    .option(...programTexts.verbose)
    .helpOption(...programTexts.help)
    .helpCommand(...programTexts.helpCommand)
    .addHelpText('after', `\nExit codes:\n${exitCodeLines().join('\n')}\n`)
    .showSuggestionAfterError(true);
  inherit(program, process);
  const groups = new Map<string, CommanderCommand>();
  // A line that calls a command needs no others but those below it; help and suggestions show all of them.
  for (const entry of wanted === undefined ? catalogue : catalogue.filter((each) => isAtOrBelow(each, wanted))) {
    const parent = parentOf(entry, program, groups, process);
    const leaf = parent.command(entry.path.at(-1) ?? '', { hidden: entry.hidden === true });
    inherit(leaf, process);
    leaf
      .summary(entry.summary)
      .description(entry.summary)
      .aliases(entry.aliases ?? []);
    if (entry.path.length === 1) groups.set(leaf.name(), leaf.helpCommand(false));
    if (command !== undefined && entry === wanted) defineLeaf(leaf, command, program, process, outcome);
  }
  return program;
}

function isAtOrBelow({ path }: CatalogueEntry, wanted: CatalogueEntry): boolean {
  return wanted.path.every((word, index) => path[index] === word);
}

function parentOf(
  entry: CatalogueEntry,
  program: CommanderCommand,
  groups: Map<string, CommanderCommand>,
  process: ProcessContext,
): CommanderCommand {
  if (entry.path.length === 1) return program;
  const name = entry.path[0] ?? '';
  const existing = groups.get(name);
  if (existing !== undefined) return existing;
  const group = program
    .command(name)
    .description(commandGroups[name] ?? '')
    .helpCommand(false);
  inherit(group, process);
  groups.set(name, group);
  return group;
}

function inherit(command: CommanderCommand, process: ProcessContext): void {
  command
    .exitOverride()
    .helpOption(...programTexts.help)
    .configureOutput({
      writeOut: (text) => process.stdout.write(text),
      writeErr: (text) => process.stderr.write(text),
      getOutHelpWidth: () => process.stdout.columns,
      getErrHelpWidth: () => process.stderr.columns,
      getOutHasColors: () => process.colour && process.stdout.isTerminal,
      getErrHasColors: () => process.colour && process.stderr.isTerminal,
      outputError: (text, write) => write(usageText(text, command)),
    })
    .configureHelp({ showGlobalOptions: command.parent !== null });
}

function defineLeaf(
  leaf: CommanderCommand,
  command: Command,
  program: CommanderCommand,
  process: ProcessContext,
  outcome: ProgramOutcome,
): void {
  leaf.description(command.about);
  if (command.examples.length > 0) {
    leaf.addHelpText('after', `\nExamples:\n${command.examples.map((example) => `  ${example}`).join('\n')}\n`);
  }
  const options = new Map<string, Option>();
  for (const [name, argument] of Object.entries(command.args)) {
    if (argument.kind === 'positional') {
      leaf.argument(positionalSyntax(argument), argument.about);
    } else {
      const declared = declare(argument);
      options.set(name, declared);
      leaf.addOption(declared);
    }
  }
  leaf.action(async () => {
    const raw = rawValues(command, options, leaf);
    outcome.exit = exitCodes[await command.invoke(raw, commandContext(process, program.opts<GlobalOptions>()))].code;
  });
}

function positionalSyntax(argument: Argument<unknown>): string {
  const name = argument.repeated ? `${argument.flags}...` : argument.flags;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function declare(argument: Argument<unknown>): Option {
  const withValue = argument.flags.replace(/ ([A-Z][A-Z0-9_-]*)$/, ' <$1>');
  const declared = new Option(withValue, argument.about).makeOptionMandatory(argument.required);
  if (!argument.repeated) return declared;
  return declared.argParser((value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value]);
}

function rawValues(
  command: Command,
  options: ReadonlyMap<string, Option>,
  leaf: CommanderCommand,
): Record<string, RawValue> {
  const given = leaf.opts<Record<string, RawValue>>();
  const raw: Record<string, RawValue> = {};
  let place = 0;
  for (const name of Object.keys(command.args)) {
    const declared = options.get(name);
    if (declared === undefined) {
      raw[name] = leaf.processedArgs[place] as RawValue;
      place += 1;
    } else {
      const value = given[declared.attributeName()];
      // Commander gives `--no-x` as x=false and, when it is absent, x=true.
      raw[name] = declared.negate ? value === false : value;
    }
  }
  return raw;
}

function usageText(commanderText: string, command: CommanderCommand): string {
  const path: string[] = [];
  for (let here: CommanderCommand | null = command; here !== null; here = here.parent) path.unshift(here.name());
  return `${commanderText.trimEnd()}\nremedy: See what it takes: ${path.join(' ')} --help\n`;
}
