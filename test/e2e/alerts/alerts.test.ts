import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ControllerMetrics } from '../../../src/controllers/metrics.ts';

const root = join(import.meta.dirname, '../../..');
const rules = join(root, 'deploy/controllers/alerts.yaml');
const cases = join(root, 'test/deploy/alerts');

function promtool(args: readonly string[], input = ''): string {
  const install = join(root, 'tools/promtool/install.sh');
  const program = execFileSync('sh', [install], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  return execFileSync(program, args, { encoding: 'utf8', input });
}

test('Prometheus takes the alert rules', () => {
  expect(promtool(['check', 'rules', rules])).toContain('SUCCESS');
});

test('a sound pair of sites is quiet, and each trouble is told of', () => {
  const files = readdirSync(cases).map((name) => join(cases, name));
  const said = promtool(['test', 'rules', ...files]);
  expect(said.match(/SUCCESS/g)).toHaveLength(files.length);
});

test('Prometheus takes the metrics, and their names by its own rules', async () => {
  const metrics = new ControllerMetrics();
  metrics.observe({ isLeader: () => true, queueDepth: () => 0, groups: () => [], operations: () => [] });
  metrics.noteCall('cluster1', 'get', '200');
  const { text } = await metrics.page();
  const own = text.split('\n').filter((line) => line.includes('site_recovery_'));
  expect(own.length).toBeGreaterThan(30);
  // It fails where a line cannot be read, and where a name is none that Prometheus advises.
  promtool(['check', 'metrics'], `${own.join('\n')}\n`);
});
