import { expect, test } from 'vitest';
import { runWithCommander } from '../../src/cli/commander-program.ts';
import { programHelp } from '../../src/cli/program-help.ts';
import { processContext } from './run-cli.ts';

test('the help of pgctl is what commander would write, for terminals of every width', async () => {
  for (let columns = 20; columns < 140; columns += 1) {
    const context = processContext();
    const stdout = { ...context.stdout, columns };
    expect(await runWithCommander(['--help'], { ...context, stdout }, undefined, undefined)).toBe(0);
    expect(programHelp(columns)).toBe(stdout.text());
  }
});
