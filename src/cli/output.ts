import type { Json } from '../model/json.ts';
import { option, type Argument } from './command.ts';
import type { CommandContext, TextSink } from './context.ts';
import type { CommandError } from './command-error.ts';
import { exitCodes } from './exit-codes.ts';

export type OutputFormat = 'text' | 'wide' | 'json' | 'yaml' | 'name' | 'junit';

const formatNames = ['json', 'yaml', 'wide', 'name'] as const;

/** The `-o` option of a command that shows something. */
export function outputOption(formats: readonly Exclude<OutputFormat, 'text'>[] = formatNames): Argument<OutputFormat> {
  const base = option('-o, --output FORMAT', `output format: ${formats.join(', ')} (default: text for people)`, {
    values: formats,
  });
  return { ...base, read: (raw) => (base.read(raw) as OutputFormat | undefined) ?? 'text' };
}

/** True for the formats that programs read: then progress and questions go to stderr. */
export function isForPrograms(format: OutputFormat): boolean {
  return format !== 'text' && format !== 'wide';
}

/** Writes a value as JSON or YAML to stdout. */
export async function printDocument(value: unknown, format: 'json' | 'yaml', context: CommandContext): Promise<void> {
  context.stdout.write(await documentText(value, format));
}

async function documentText(value: unknown, format: 'json' | 'yaml'): Promise<string> {
  if (format === 'json') return `${JSON.stringify(value, undefined, 2)}\n`;
  const { stringify } = await import('yaml');
  return stringify(value, { lineWidth: 0 });
}

/** Writes lines to stdout, marks coloured where a person watches. */
export function printLines(lines: readonly string[], context: CommandContext): void {
  writeLines(lines, context.stdout, context.colour);
}

/** Writes lines to stderr. */
export function printNotes(lines: readonly string[], context: CommandContext): void {
  writeLines(lines, context.stderr, context.colour);
}

function writeLines(lines: readonly string[], sink: TextSink, colour: boolean): void {
  for (const line of lines) sink.write(`${coloured(line, colour && sink.isTerminal)}\n`);
}

/** `error:`, `reason:` and `remedy:` lines, or one JSON object when the command was asked for JSON. */
export function errorText(error: CommandError, asJson: boolean): string {
  if (asJson) return `${JSON.stringify({ error: errorDocument(error) }, undefined, 2)}\n`;
  const lines = [`error: ${error.message}`];
  if (error.reason !== undefined) lines.push(`reason: ${error.reason}`);
  if (error.remedy !== undefined) lines.push(`remedy: ${error.remedy}`);
  return `${lines.join('\n')}\n`;
}

function errorDocument(error: CommandError): Json {
  return {
    code: error.exit,
    exitCode: exitCodes[error.exit].code,
    message: error.message,
    reason: error.reason,
    remedy: error.remedy,
  };
}

// The escape sequences of the four colours that are used; a terminal library would be the larger part of the start-up.
const colourOfMark: Readonly<Record<string, string>> = { '▶': '36', '✓': '32', '⚠': '33', '✗': '31' };

function coloured(line: string, colour: boolean): string {
  if (!colour) return line;
  return line.replace(/^( *)([▶✓⚠✗])/, (_all, indent: string, mark: string) => {
    return `${indent}\u001B[${colourOfMark[mark]}m${mark}\u001B[39m`;
  });
}
