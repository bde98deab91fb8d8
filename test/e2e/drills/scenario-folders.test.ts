import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runTape } from '../../../src/drills/run.ts';
import { tapeOfScenario } from '../../../src/drills/scenario.ts';
import { parseScenario } from '../../../src/drills/scenario-file.ts';
import { definitions } from '../../drills/definitions.ts';

const root = join(import.meta.dirname, '../../../scenarios');
const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());

// In this process: a pgctl for each of some hundred files would take minutes.
describe.each(folders.map(({ name }) => name))('scenarios/%s', (folder) => {
  test.each(readdirSync(join(root, folder)))('%s ends as it expects, and reaches its marks', (file) => {
    const parsed = parseScenario(parse(readFileSync(join(root, folder, file), 'utf8')));
    if (parsed.kind === 'problems') throw new Error(parsed.problems.join('; '));
    const { scenario } = parsed;
    const { verdict, violations, marks } = runTape(tapeOfScenario(scenario), definitions);
    const { verdict: expected, property, marks: wanted = [] } = scenario.expect;
    expect(violations.map((violation) => violation.property)).toEqual(
      property === undefined ? [] : expect.arrayContaining([property]),
    );
    expect(verdict).toBe(expected);
    expect([...marks]).toEqual(expect.arrayContaining([...wanted]));
  });
});
