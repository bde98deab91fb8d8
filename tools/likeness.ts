// Measures the simulated world against recordings of the real programs: `npm run -s likeness -- --dir DIR [--json] [--write]`.
//
// Plays every recording below DIR (test/recordings where none is given) and tells for each file how many of its steps the
// world explains, and the first that it does not. Exit 1 where a difference is not listed in docs/fidelity.md.
// --json: [{file, explained, total, firstMiss, listed}] · --all: every difference · --write: counts into docs/fidelity.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { withCounts } from '../test/likeness/counts.ts';
import { listedDifferences } from '../test/likeness/listed-differences.ts';
import { definitionsOf } from '../test/likeness/kubevirt/definitions.ts';
import { type FileReport, playRecordings } from '../test/likeness/play-recordings.ts';

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs/fidelity.md');

if (import.meta.main) process.exitCode = main(process.argv.slice(2));

function main(args: readonly string[]): number {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: 'string', default: join(root, 'test/recordings') },
      json: { type: 'boolean' },
      all: { type: 'boolean' },
      write: { type: 'boolean' },
    },
  });
  const folder = resolve(values.dir);
  if (!existsSync(folder)) {
    process.stderr.write(
      `${folder}: no such folder. Name the folder that holds drbd, linstor, csi and kubevirt: --dir DIR\n`,
    );
    return 2;
  }
  const markdown = readFileSync(page, 'utf8');
  const reports = playRecordings(folder, listedDifferences(markdown), definitionsOf(folder));
  if (reports.length === 0) {
    process.stderr.write(
      `${folder}: no recordings. They are drbd/**/*.json, linstor/recordings, csi/recordings and kubevirt\n`,
    );
    return 2;
  }
  if (values.write === true) writeFileSync(page, withCounts(markdown, reports));
  process.stdout.write(values.json === true ? jsonOf(reports) : textOf(reports, values.all === true));
  return reports.some(({ firstMiss, listed }) => firstMiss !== null && !listed) ? 1 : 0;
}

function jsonOf(reports: readonly FileReport[]): string {
  const rows = reports.map(({ file, explained, total, firstMiss, listed }) => ({
    file,
    explained,
    total,
    firstMiss,
    listed,
  }));
  return `${JSON.stringify(rows, undefined, 2)}\n`;
}

function textOf(reports: readonly FileReport[], all: boolean): string {
  const lines = reports.flatMap(({ file, explained, total, firstMiss, listed, misses }) => [
    `${explained}/${total} ${file}${listed ? ' (differences listed)' : ''}`,
    ...(all ? misses : firstMiss === null ? [] : [firstMiss]).map(
      (miss) => `    ${miss.step} [${miss.rule}]\n      recorded: ${miss.recorded}\n      world:    ${miss.world}`,
    ),
  ]);
  const sum = (read: (report: FileReport) => number): number => reports.reduce((total, each) => total + read(each), 0);
  const unlisted = reports.filter(({ firstMiss, listed }) => firstMiss !== null && !listed).length;
  lines.push(
    `${sum((each) => each.explained)} of ${sum((each) => each.total)} steps explained in ${reports.length} files; ${unlisted} files with a difference that docs/fidelity.md does not list`,
  );
  return `${lines.join('\n')}\n`;
}
