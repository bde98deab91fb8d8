import { readFileSync } from 'node:fs';
import { CommandError } from '../command-error.ts';

/** The text of a file that a person has named. Throws an error that says why it cannot be read. */
export function textOfFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} cannot be read`, {
      exit: 'usage',
      reason: (error as Error).message,
      remedy: 'check the path',
    });
  }
}
