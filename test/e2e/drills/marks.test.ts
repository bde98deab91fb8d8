import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { CoverageTally } from '../../../src/drills/coverage/coverage-tally.ts';
import { marks } from '../../../src/drills/marks/catalogue.ts';
import { runTape } from '../../../src/drills/run.ts';
import { parseScenario } from '../../../src/drills/scenario-file.ts';
import { tapeOfScenario } from '../../../src/drills/scenario.ts';
import { definitions } from '../../drills/definitions.ts';

const folder = join(import.meta.dirname, '../../../scenarios');
const files = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.yaml'));

test('the scenario files reach every mark that is left to them, and none that nobody is said to reach', () => {
  const tally = new CoverageTally();
  for (const file of files) {
    const parsed = parseScenario(parse(readFileSync(join(folder, file), 'utf8')));
    if (parsed.kind === 'scenario') tally.add(runTape(tapeOfScenario(parsed.scenario), definitions));
  }
  expect(tally.runs).toBe(files.length);
  const { marks: reached, pairs } = tally.counts();
  const isReached = (id: string): boolean => reached[id] !== undefined || pairs[id] !== undefined;
  const missed = marks.filter(({ id, reach }) => reach === 'scenarios' && !isReached(id));
  expect(missed.map(({ id }) => id)).toEqual([]);
  const reachedAfterAll = marks.filter(({ id, reach }) => typeof reach === 'object' && isReached(id));
  expect(reachedAfterAll.map(({ id }) => id)).toEqual([]);
});
