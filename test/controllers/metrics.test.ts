import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ControllerMetrics } from '../../src/controllers/metrics.ts';
import { dashboardText } from '../../tools/manifests/dashboard.ts';
import { second } from '../../src/model/instant.ts';
import { type Json, listAt, numberAt, textAt } from '../../src/model/json.ts';
import type { KubeObject } from '../../src/model/kube.ts';

const group = (name: string, splitBrain: string): KubeObject => ({
  apiVersion: 'siterecovery.trilio.io/v1alpha1',
  kind: 'ProtectionGroup',
  metadata: { name, namespace: 'apps' },
  status: {
    conditions: [
      { type: 'SplitBrain', status: splitBrain },
      { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ],
  },
});

const operation = (phase: string, completionTime?: string): KubeObject => ({
  apiVersion: 'siterecovery.trilio.io/v1alpha1',
  kind: 'Failover',
  metadata: { name: phase, namespace: 'apps' },
  spec: { protectionGroup: 'db' },
  status: { phase, ...(completionTime === undefined ? {} : { completionTime }) },
});

/** The lines of the page that are about our own things, without the prefix. */
async function linesOf(metrics: ControllerMetrics): Promise<readonly string[]> {
  const { text } = await metrics.page();
  const lines = text.split('\n').filter((line) => line.startsWith('site_recovery_'));
  return lines.map((line) => line.slice('site_recovery_'.length));
}

function observed(isLeader: boolean, groups: readonly KubeObject[], operations: readonly KubeObject[] = []) {
  const metrics = new ControllerMetrics();
  metrics.observe({
    isLeader: () => isLeader,
    queueDepth: () => 3,
    groups: () => groups,
    operations: () => operations,
  });
  return metrics;
}

test('a group is told of by its conditions; what is not known of it is not told', async () => {
  const lines = await linesOf(observed(true, [group('db', 'False'), group('web', 'Unknown')]));
  expect(lines).toContain('group_split_brain{namespace="apps",group="db"} 0');
  expect(lines.join('\n')).not.toContain('group_split_brain{namespace="apps",group="web"}');
  expect(lines).toContain('group_ready_since_timestamp_seconds{namespace="apps",group="web"} 1767225600');
  expect(lines).toContain('queue_depth 3');
});

test('a group that is gone is not told of any more', async () => {
  const groups = [group('db', 'False')];
  const metrics = observed(true, groups);
  expect((await linesOf(metrics)).join('\n')).toContain('group="db"');
  groups.pop();
  expect((await linesOf(metrics)).join('\n')).not.toContain('group="db"');
});

test('only the leader tells of groups', async () => {
  const lines = await linesOf(observed(false, [group('db', 'False')]));
  expect(lines.join('\n')).not.toContain('group="db"');
  expect(lines).toContain('leader 0');
});

test('of the operations of a group the one that ended last is told of', async () => {
  const operations = [
    operation('Running'),
    operation('Failed', '2026-01-01T00:00:10Z'),
    operation('Succeeded', '2026-01-01T00:00:20Z'),
    operation('RolledBack', '2026-01-01T00:00:00Z'),
  ];
  const told = (await linesOf(observed(true, [], operations))).filter((line) => line.startsWith('last_operation'));
  expect(told).toEqual([
    'last_operation_timestamp_seconds{namespace="apps",group="db",operation="failover",phase="Succeeded"} 1767225620',
  ]);
});

test('the last drill of a group is told of until there is a newer one, whatever has failed since', async () => {
  const operations = [
    operation('Succeeded', '2026-01-01T00:00:00Z'),
    operation('Succeeded', '2026-01-01T00:00:20Z'),
    operation('RolledBack', '2026-01-01T00:00:30Z'),
  ];
  const told = (await linesOf(observed(true, [], operations))).filter((line) => line.startsWith('last_drill'));
  expect(told).toEqual(['last_drill_timestamp_seconds{namespace="apps",group="db"} 1767225620']);
});

test('steps, passes and calls are counted', async () => {
  const metrics = new ControllerMetrics();
  metrics.noteStep('failover', 'awaitRelease', 7 * second);
  metrics.noteReconcile('failed', 20);
  metrics.noteCall('cluster1', 'patch', '409');
  const lines = await linesOf(metrics);
  expect(lines).toContain('operation_step_seconds_bucket{le="5",operation="failover",step="awaitRelease"} 0');
  expect(lines).toContain('operation_step_seconds_bucket{le="10",operation="failover",step="awaitRelease"} 1');
  expect(lines).toContain('reconcile_seconds_count{result="failed"} 1');
  expect(lines).toContain('api_requests_total{site="cluster1",verb="patch",code="409"} 1');
});

test('heartbeats are missed only where they are to be sent', async () => {
  const beats = async (metrics: ControllerMetrics): Promise<readonly string[]> =>
    (await linesOf(metrics)).filter((line) => line.startsWith('heartbeat'));
  const metrics = new ControllerMetrics();
  expect(await beats(metrics)).toEqual([]);
  metrics.expectHeartbeats('cluster1');
  expect(await beats(metrics)).toEqual(['heartbeat_heard_timestamp_seconds{cluster="cluster1"} 0']);
  metrics.noteHeartbeat('cluster1', 7 * second);
  expect(await beats(metrics)).toEqual(['heartbeat_heard_timestamp_seconds{cluster="cluster1"} 7']);
});

test('every metric of ours is documented', async () => {
  const { text } = await observed(true, []).page();
  const document = readFileSync(new URL('../../docs/controllers.md', import.meta.url), 'utf8');
  const names = [...text.matchAll(/^# TYPE (site_recovery_\w+)/gm)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
});

/** Every name under which a value stands on the page. */
async function knownNames(): Promise<readonly string[]> {
  const { text } = await observed(true, []).page();
  return [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
  );
}

test('the dashboard is what its table says (else: npm run manifests), and shows metrics that there are', async () => {
  const text = readFileSync(new URL('../../deploy/controllers/dashboard.json', import.meta.url), 'utf8');
  expect(text).toBe(dashboardText());
  const known = await knownNames();
  const panels = listAt(JSON.parse(text) as Json, 'panels');
  const shown = panels.flatMap((panel) => listAt(panel, 'targets')).map((target) => textAt(target, 'expr') ?? '');
  const used = shown.flatMap((expr) => [...expr.matchAll(/(?:site_recovery|process)_\w+/g)].map(([name]) => name));
  expect(known).toEqual(expect.arrayContaining(used));
  expect(new Set(used).size).toBeGreaterThan(8);
  const cells = panels.flatMap((panel) => {
    const [x = 0, y = 0, w = 0, h = 0] = ['x', 'y', 'w', 'h'].map((name) => numberAt(panel, 'gridPos', name));
    return Array.from({ length: w * h }, (_each, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`);
  });
  expect(new Set(cells).size).toBe(cells.length);
});

test('every alert is about metrics that there are, and says what to do', async () => {
  const known = await knownNames();
  const file = new URL('../../deploy/controllers/alerts.yaml', import.meta.url);
  const alerts = listAt(parse(readFileSync(file, 'utf8')) as Json, 'groups').flatMap((one) => listAt(one, 'rules'));
  expect(alerts.length).toBeGreaterThan(5);
  for (const alert of alerts) {
    const used = [...(textAt(alert, 'expr') ?? '').matchAll(/site_recovery_\w+/g)].map(([name]) => name);
    expect(known).toEqual(expect.arrayContaining(used));
    expect(used).not.toEqual([]);
    expect(textAt(alert, 'annotations', 'description')).toMatch(/pgctl|kubectl/);
  }
});
