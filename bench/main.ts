// Measures: `npm run bench`, a table; `npm run -s bench -- --json`, `[{name, value, unit, goal, holds}]`.
// Words pick the benches whose name contains one of them; those that take minutes run only so.
// `--NAME=VALUE` is for a bench that has such a flag. Exits 1 when a goal does not hold or could not be measured.
import { catalogue } from './catalogue.ts';
import { goalText, holds, type Measurement } from './measurement.ts';

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  const words = args.filter((argument) => !argument.startsWith('--'));
  const flags = new Map(args.flatMap((argument) => flagIn(argument)));
  const measurements: Measurement[] = [];
  for (const load of catalogue) {
    const bench = await load();
    const isWanted = words.length > 0 ? words.some((word) => bench.name.includes(word)) : bench.isSlow !== true;
    if (!isWanted) continue;
    process.stderr.write(`measuring ${bench.name} …\n`);
    try {
      measurements.push(...(await bench.measure(flags)));
    } catch (error) {
      process.stderr.write(
        `${bench.name} could not be measured: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      process.exitCode = 1;
    }
  }
  process.stdout.write(args.includes('--json') ? jsonOf(measurements) : tableOf(measurements));
  if (!measurements.every(holds)) process.exitCode = 1;
}

function flagIn(argument: string): readonly (readonly [name: string, value: string])[] {
  const [, name, value] = /^--([^=]+)=(.*)$/.exec(argument) ?? [];
  return name === undefined || value === undefined ? [] : [[name, value]];
}

function jsonOf(measurements: readonly Measurement[]): string {
  const rows = measurements.map((measurement) => {
    const { name, value, unit, goal } = measurement;
    return { name, value: rounded(value), unit, goal: goalText(goal) || null, holds: holds(measurement) };
  });
  return `${JSON.stringify(rows, null, 2)}\n`;
}

function tableOf(measurements: readonly Measurement[]): string {
  const header = ['WHAT', 'VALUE', 'UNIT', 'GOAL', ''];
  const rows = measurements.map((measurement) => {
    const { name, value, unit, goal } = measurement;
    const verdict = goal === undefined ? '' : holds(measurement) ? '✓' : '✗';
    return [name, String(rounded(value)), unit, goalText(goal), verdict];
  });
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** Three significant digits, and whole numbers from a hundred on. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
