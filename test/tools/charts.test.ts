import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { machinePages } from '../../tools/charts.ts';

test.each(machinePages().map(({ path, text }) => [path, text] as const))(
  '%s shows the machine as it is (npm run charts writes it)',
  (path, text) => {
    expect(readFileSync(join(import.meta.dirname, '../..', path), 'utf8')).toBe(text);
  },
);

test('a chart names guards, actions and deadlines', () => {
  const text = machinePages().find(({ path }) => path.endsWith('failover.md'))?.text ?? '';
  expect(text).toContain('stoppingSource --> awaitingRelease: observed [sourceIsStopped] / noteStopped');
  expect(text).toContain('entry / beginStartTarget, startTarget');
  expect(text).toContain('[*] --> acquiringLease');
  expect(text).toContain('`drbdWaitIsOver` → `failed`');
  expect(text).toMatch(/\| `drbdWait` \| DRBD_WAIT_TIME: .+ \|/);
});
