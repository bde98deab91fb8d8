import { entryOfWords } from './command-line.ts';
import { type CommandError, commandErrorOf } from './command-error.ts';
import { exitCodes } from './exit-codes.ts';
import { errorText, printNotes } from './output.ts';
import { readPlainWords } from './plain-words.ts';
import { commandContext, type ProcessContext } from './process-context.ts';

/** Runs one command line (without the program's name) and answers the exit code. Never throws. */
export async function runProgram(given: readonly string[], process: ProcessContext): Promise<number> {
  const words = wordsOf(given);
  try {
    if (words.length === 1 && (words[0] === '--help' || words[0] === '-h')) {
      const { programHelp } = await import('./program-help.ts');
      process.stdout.write(programHelp(process.stdout.columns));
      return exitCodes.ok.code;
    }
    const entry = entryOfWords(words);
    const command = await entry?.load();
    const plain = entry && command && readPlainWords(words, entry, command.args);
    if (command !== undefined && plain !== undefined) {
      return exitCodes[await command.invoke(plain.values, commandContext(process, plain.globals))].code;
    }
    const { runWithCommander } = await import('./commander-program.ts');
    return await runWithCommander(words, process, entry, command);
  } catch (thrown) {
    return reportError(commandErrorOf(thrown), words, process);
  }
}

/** `pgctl` alone, and `pgctl help COMMAND`, ask for help. */
function wordsOf(given: readonly string[]): readonly string[] {
  if (given.length === 0) return ['--help'];
  return given[0] === 'help' ? [...given.slice(1), '--help'] : given;
}

function reportError(error: CommandError, words: readonly string[], process: ProcessContext): number {
  process.stderr.write(errorText(error, asksForJson(words)));
  if (words.includes('--verbose') && error.cause instanceof Error)
    printNotes([error.cause.stack ?? ''], { ...process, configFolder: '', verbose: true });
  return exitCodes[error.exit].code;
}

/** Read from the words, because an error may come before they are parsed. */
function asksForJson(words: readonly string[]): boolean {
  return words.some(
    (word, index) =>
      word === '-ojson' || word === '--output=json' || (/^(-o|--output)$/.test(word) && words[index + 1] === 'json'),
  );
}
