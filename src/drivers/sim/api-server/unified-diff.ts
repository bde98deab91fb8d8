/** Lines around a change. */
const context = 3;

/** The unified diff of two texts, without file names, as the server's validation errors carry it; '' when they are equal. */
export function unifiedDiff(before: string, after: string): string {
  const steps = stepsBetween(before.split('\n'), after.split('\n'));
  return hunksOf(steps).map(hunkText).join('');
}

type Mark = ' ' | '-' | '+';

interface Step {
  readonly mark: Mark;
  readonly line: string;
  /** Lines of the two texts before this step. */
  readonly oldAt: number;
  readonly newAt: number;
}

// By the longest common subsequence: the texts are the few dozen lines of one object's spec.
function stepsBetween(before: readonly string[], after: readonly string[]): readonly Step[] {
  const common = commonLengths(before, after);
  const steps: Step[] = [];
  let [oldAt, newAt] = [0, 0];
  const take = (mark: Mark, line: string): void => {
    steps.push({ mark, line, oldAt, newAt });
    if (mark !== '+') oldAt++;
    if (mark !== '-') newAt++;
  };
  while (oldAt < before.length || newAt < after.length) {
    const [old, fresh] = [before[oldAt], after[newAt]];
    if (old !== undefined && old === fresh) take(' ', old);
    else if (old !== undefined && (common[oldAt + 1]?.[newAt] ?? 0) >= (common[oldAt]?.[newAt + 1] ?? -1))
      take('-', old);
    else if (fresh !== undefined) take('+', fresh);
    else take('-', old as string);
  }
  return steps;
}

/** `[i][j]`: length of the longest common subsequence of the lines from i and from j on. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly (readonly number[])[] {
  const lengths = Array.from({ length: before.length + 1 }, () => Array.from({ length: after.length + 1 }, () => 0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const row = lengths[i] as number[];
      const below = lengths[i + 1] as number[];
      row[j] =
        before[i] === after[j] ? (below[j + 1] as number) + 1 : Math.max(below[j] as number, row[j + 1] as number);
    }
  }
  return lengths;
}

function hunksOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const hunks: Step[][] = [];
  let end = -1;
  steps.forEach(({ mark }, index) => {
    if (mark === ' ') return;
    const start = Math.max(index - context, 0);
    if (start > end || hunks.length === 0) hunks.push(steps.slice(start, index + 1));
    else hunks.at(-1)?.push(...steps.slice(end, index + 1));
    end = index + 1;
    // The lines after the change belong to it until the next one claims them.
    const tail = steps.slice(end, end + context);
    const upToNext = tail.findIndex((step) => step.mark !== ' ');
    const following = upToNext < 0 ? tail : tail.slice(0, upToNext);
    hunks.at(-1)?.push(...following);
    end += following.length;
  });
  return hunks;
}

function hunkText(steps: readonly Step[]): string {
  const first = steps[0] as Step;
  const range = (start: number, count: number): string => (count === 1 ? `${start + 1}` : `${start + 1},${count}`);
  const olds = range(first.oldAt, steps.filter(({ mark }) => mark !== '+').length);
  const news = range(first.newAt, steps.filter(({ mark }) => mark !== '-').length);
  return `@@ -${olds} +${news} @@\n${steps.map(({ mark, line }) => `${mark}${line}\n`).join('')}`;
}
