import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseScenario } from '../../src/drills/scenario-file.ts';

const root = join(import.meta.dirname, '../..');
const index = readFileSync(join(root, 'docs/scenarios.md'), 'utf8');
// docs/faults.md lists those of scenarios/faults.
const files = readdirSync(join(root, 'scenarios'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml') && !file.startsWith('faults'))
  .toSorted();

/** What is to be looked up where the product is in trouble, as the product page heads it. */
const troubles = [
  'Protection Group currentState is stuck in mixed',
  'PVC on DR cluster is in Lost or unbound state after failover',
  'VM validation fails on DR cluster with "PVC not Bound"',
  'pgctl config test fails with connection errors',
  'Failover times out waiting for DRBD locks',
];

describe('docs/scenarios.md', () => {
  test.each(files)('lists %s with its sentence', (file) => {
    const parsed = parseScenario(parse(readFileSync(join(root, 'scenarios', file), 'utf8')));
    if (parsed.kind === 'problems') throw new Error(parsed.problems.join('; '));
    expect(index).toContain(`| [${nameOf(file)}](../scenarios/${file}) | ${parsed.scenario.about} |`);
  });

  test.each(troubles)('tells what plays the trouble "%s"', (trouble) => {
    const row = index.split('\n').find((line) => line.startsWith(`| ${trouble} |`));
    expect(row).toMatch(/\]\(\.\.\/(scenarios\/page|test)\/[\w./-]+\)/);
  });
});

/** `page/mixed-node-gone.yaml` as `mixed-node-gone`. */
function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1, -'.yaml'.length);
}
