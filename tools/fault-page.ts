// Writes docs/faults.md from the catalogue of faults: `npm run fault-page`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue, drawnFaults, faultFamilies, reachedFaults } from '../src/drills/faults/catalogue.ts';
import { type Fault, isReached, scenarioFileOf } from '../src/drills/faults/fault.ts';

const root = join(import.meta.dirname, '..');
const path = 'docs/faults.md';

if (import.meta.main) {
  writeFileSync(join(root, path), faultPage());
  process.stdout.write(`${path}\n`);
}

/** The page, as the catalogue is now. */
export function faultPage(): string {
  const open = catalogue.filter((fault) => !isReached(fault));
  const parts = [
    '# Faults',
    `${catalogue.length} faults are known of; runs can meet ${reachedFaults.length} of them, and the random ones draw ${drawnFaults.length}. Each has a scenario in which it fires, in [scenarios/faults](../scenarios/faults); a run that meets it has the mark \`fault ID\`. Items are those of [drills.md](drills.md). Written by \`npm run fault-page\` from \`src/drills/faults\`.`,
    ...faultFamilies.flatMap(({ letter, title, faults }) => [
      `## ${letter}: ${title}`,
      table(['Fault', 'What it does', 'Items'], faults.filter(isReached).map(rowOf)),
    ]),
    '## Not drawn at random',
    table(
      ['Fault', 'Why it fires in scenario files only'],
      reachedFaults.flatMap((fault) =>
        fault.reach.notDrawn === undefined ? [] : [[nameOf(fault), sentence(fault.reach.notDrawn)]],
      ),
    ),
    ...(open.length === 0
      ? []
      : [
          '## Not met yet',
          table(
            ['Fault', 'What it would do', 'Why no run meets it yet'],
            open.map((fault) => [
              nameOf(fault),
              fault.says,
              'notYet' in fault.reach ? sentence(fault.reach.notYet) : '',
            ]),
          ),
        ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function rowOf(fault: Fault): readonly string[] {
  const lines = isReached(fault) ? fault.reach.knob.lines.map((line) => `\`${line}\``) : [];
  return [`[${nameOf(fault)}](../${scenarioFileOf(fault)})`, fault.says, lines.join('<br/>')];
}

function nameOf({ id, name }: Fault): string {
  return `${id} ${name}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(heads), row(heads.map(() => '---')), ...rows.map(row)].join('\n');
}
