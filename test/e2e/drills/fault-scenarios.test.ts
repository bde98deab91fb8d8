import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runTape } from '../../../src/drills/run.ts';
import { type Scenario, tapeOfScenario } from '../../../src/drills/scenario.ts';
import { definitions } from '../../drills/definitions.ts';

const folder = join(import.meta.dirname, '../../../scenarios/faults');

// In this process: a pgctl for each of a hundred files would take minutes.
describe('scenarios/faults', () => {
  test.each(readdirSync(folder))('%s ends as it expects, and its fault fires', (file) => {
    const scenario = parse(readFileSync(join(folder, file), 'utf8')) as Scenario;
    const { verdict, violations, marks } = runTape(tapeOfScenario(scenario), definitions);
    const { verdict: expected, property, marks: wanted = [] } = scenario.expect;
    expect(violations.map((violation) => violation.property)).toEqual(
      property === undefined ? [] : expect.arrayContaining([property]),
    );
    expect(verdict).toBe(expected);
    expect([...marks]).toEqual(expect.arrayContaining([...wanted]));
  });
});
