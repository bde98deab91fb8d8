import { initialSettingsText } from '../model/settings-text.ts';
import { type CatalogueEntry, catalogue } from './catalogue.ts';
import type { Argument, Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';

/** The reference of all commands as Markdown, from the command values: the same source as help and completion. */
export async function referenceText(): Promise<string> {
  const shown = catalogue.filter((entry) => entry.hidden !== true);
  const sections = await Promise.all(shown.map(async (entry) => section(entry, await entry.load())));
  return [
    '# pgctl reference',
    'Generated from the commands themselves (`src/cli/reference.ts`); `npx vitest run test/cli/reference.test.ts --update` writes it anew.',
    'Options of every command: `--config-dir DIR` (else `PGCTL_HOME`, else `~/.kube/pgctl`), `--verbose`, `--help`.',
    '## Exit codes',
    table(
      ['Code', 'Name', 'Meaning'],
      Object.entries(exitCodes).map(([name, { code, meaning }]) => [String(code), `\`${name}\``, meaning]),
    ),
    'Errors are `error:`, `reason:` and `remedy:` lines on stderr; with `-o json` one JSON object with `code` (the name above), `exitCode`, `message`, `reason` and `remedy`.',
    '## Configuration file',
    'One simple file, `config` in the configuration folder, as `pgctl init` writes it. Relative paths start in that folder; quotation marks and `export` are understood as a shell does; an unknown key is warned of, a wrong value is an error with its line.',
    `\`\`\`sh\n${initialSettingsText()}\`\`\``,
    '## Commands',
    ...sections,
    '',
  ].join('\n\n');
}

function section(entry: CatalogueEntry, command: Command): string {
  const name = `pgctl ${command.name}`;
  const positionals = Object.values(command.args).filter((argument) => argument.kind === 'positional');
  const options = Object.values(command.args).filter((argument) => argument.kind !== 'positional');
  const usage = [name, ...positionals.map(syntax), ...(options.length === 0 ? [] : ['[options]'])].join(' ');
  const rows = [...positionals, ...options].map((argument) => [
    `\`${argument.flags}\``,
    `${argument.about}${argument.required && argument.kind === 'option' ? ' (required)' : ''}`,
  ]);
  return [
    `### ${name}`,
    `\`${usage}\`${(entry.aliases ?? []).length === 0 ? '' : ` (also: ${(entry.aliases ?? []).map((alias) => `\`${alias}\``).join(', ')})`}`,
    command.about,
    ...(rows.length === 0 ? [] : [table(['Argument', 'Meaning'], rows)]),
    ...(command.examples.length === 0 ? [] : [`\`\`\`sh\n${command.examples.join('\n')}\n\`\`\``]),
  ].join('\n\n');
}

function syntax(argument: Argument<unknown>): string {
  const name = argument.repeated ? `${argument.flags}…` : argument.flags;
  return argument.required ? name : `[${name}]`;
}

function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headers), line(headers.map(() => '---')), ...rows.map(line)].join('\n');
}
