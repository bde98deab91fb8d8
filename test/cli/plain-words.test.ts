import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogue, type CatalogueEntry } from '../../src/cli/catalogue.ts';
import { entryOfWords } from '../../src/cli/command-line.ts';
import type { ArgumentTable, Command, RawValue } from '../../src/cli/command.ts';
import { runWithCommander } from '../../src/cli/commander-program.ts';
import { readPlainWords } from '../../src/cli/plain-words.ts';
import { commandContext } from '../../src/cli/process-context.ts';
import { processContext } from './run-cli.ts';

const commands = await Promise.all(catalogue.map(async (entry) => ({ entry, command: await entry.load() })));

/** What the command gets, where an absent flag is the same as one that says no. */
function received(args: ArgumentTable, raw: Readonly<Record<string, RawValue>>): Record<string, RawValue> {
  return Object.fromEntries(Object.keys(args).map((name) => [name, raw[name] === false ? undefined : raw[name]]));
}

/** What commander reads, or undefined where it shows help or a mistake. */
async function byCommander(words: readonly string[], entry: CatalogueEntry, command: Command): Promise<unknown> {
  let seen: unknown;
  const spy: Command = {
    ...command,
    invoke: async (raw, { configFolder, verbose }) => {
      seen = { values: received(command.args, raw), configFolder, verbose };
      return 'ok';
    },
  };
  await runWithCommander(words, processContext(), entry, spy);
  return seen;
}

function byPlainWords(words: readonly string[], entry: CatalogueEntry, { args }: Command): unknown {
  const plain = readPlainWords(words, entry, args);
  if (plain === undefined) return undefined;
  const { configFolder, verbose } = commandContext(processContext(), plain.globals);
  return { values: received(args, plain.values), configFolder, verbose };
}

/** Command lines of a command, most of them good: its words, its options and values for them, in any order. */
const lines = fc.constantFrom(...commands).chain(({ entry, command }) => {
  const flags = Object.values(command.args).flatMap(({ kind, flags: text }) =>
    kind === 'positional' ? [] : text.split(/[ ,]+/).filter((part) => part.startsWith('-')),
  );
  const value = fc.constantFrom('json', 'prod', '5', 'get', 'pg', ...entry.path);
  const option = fc.oneof(
    fc.constantFrom('--verbose', '--config-dir', ...flags).chain((flag) => fc.constantFrom([flag], [flag, 'x'])),
    fc.constantFrom(['-h'], ['--'], ['-'], [''], ['--config-dir=/x'], ['-ojson'], ['--nonsense']),
  );
  const part = fc.oneof({ weight: 2, arbitrary: value.map((word) => [word]) }, { weight: 3, arbitrary: option });
  const last = fc.constantFrom(entry.path.at(-1) ?? '', ...(entry.aliases ?? []));
  return fc
    .tuple(fc.array(part, { maxLength: 1 }), last, fc.array(part, { maxLength: 4 }))
    .map(([before, word, after]) => [...before.flat(), ...entry.path.slice(0, -1), word, ...after.flat()]);
});

describe('plain words', () => {
  test('are read as commander reads them, or not at all', async () => {
    let read = 0;
    await fc.assert(
      fc.asyncProperty(lines, async (words) => {
        const found = commands.find(({ entry }) => entry === entryOfWords(words));
        if (found === undefined) return;
        const plain = byPlainWords(words, found.entry, found.command);
        if (plain === undefined) return;
        read += 1;
        expect(await byCommander(words, found.entry, found.command)).toEqual(plain);
      }),
      { numRuns: 5000 },
    );
    expect(read).toBeGreaterThan(200);
  });

  test.each([
    ['get protectiongroup'],
    ['get pg production-pg'],
    ['get pg production-pg -n vms -o wide'],
    ['--config-dir /x get protectiongroups --all-clusters production-pg --verbose'],
    ['failover production-pg --to cluster2 --yes'],
  ])('are read: pgctl %s', async (line) => {
    const words = line.split(' ');
    const entry = entryOfWords(words) as CatalogueEntry;
    const command = await entry.load();
    expect(byPlainWords(words, entry, command)).toEqual(await byCommander(words, entry, command));
    expect(byPlainWords(words, entry, command)).toBeDefined();
  });
});
