import type { FileReport } from './play-recordings.ts';

const begin = '<!-- counts: npm run likeness -- --write -->';
const end = '<!-- end of counts -->';

/** The page with its block of counts made new: explained steps per kind of recording. */
export function withCounts(markdown: string, reports: readonly FileReport[]): string {
  const [before, rest] = markdown.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`docs/fidelity.md has no block ${begin} … ${end}`);
  return `${before}${begin}\n${countsOf(reports)}\n${end}${after}`;
}

function countsOf(reports: readonly FileReport[]): string {
  const kinds = Map.groupBy(reports, ({ file }) => kindOf(file));
  const rows = [...kinds].map(([kind, files]) => {
    const explained = files.reduce((sum, each) => sum + each.explained, 0);
    const total = files.reduce((sum, each) => sum + each.total, 0);
    const whole = files.filter((each) => each.explained === each.total).length;
    return `| ${kind} | ${files.length} | ${whole} | ${explained} of ${total} |`;
  });
  const unlisted = reports.filter(({ firstMiss, listed }) => firstMiss !== null && !listed).length;
  const rest = `Files with a difference that is not in the table of known differences: ${unlisted}.`;
  return ['| recordings | files | explained whole | steps explained |', '|---|---|---|---|', ...rows, '', rest].join(
    '\n',
  );
}

function kindOf(file: string): string {
  if (file.startsWith('kubevirt/admission')) return 'kubevirt, admission';
  if (file.startsWith('kubevirt/')) return 'kubevirt, life cycles';
  return file.split('/')[0] ?? '';
}
