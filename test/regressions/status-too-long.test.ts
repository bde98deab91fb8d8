import { expect, test } from 'vitest';
import { failoverKind } from '../../src/machines/failover/journal.ts';
import { journalRequest } from '../../src/machines/operation/journal.ts';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import { begin } from '../../src/runtime/step.ts';
import { createOperation, plannedRequest, protectedTwin } from '../twin/protected-group.ts';

test('the journal of a group of 256 VMs is accepted, whatever each of them waits for', () => {
  const twin = protectedTwin();
  const request = plannedRequest('away', 'cluster1', 'cluster2');
  createOperation(twin, request);
  const input = { request, holder: 'me', otherSites: [], patient: false, now: 0 };
  const { record } = begin(failoverDefinition, input, 0);
  const blockers = Array.from(
    { length: 3 * 256 },
    (_, index) =>
      `the role of pvc-00000000-0000-0000-0000-00000000${index} on cluster1-node-1 (cluster1) is not reported`,
  );
  const message = blockers.join('; ');
  const steps = [
    { name: 'awaitRelease' as const, state: 'running' as const, startedAt: 0, message, virtualMachines: [] },
  ];
  const full = { ...record, state: 'awaitingRelease', context: { ...record.context, blockers, steps } };
  const outcome = twin.world.perform(journalRequest(failoverKind, full, 0, undefined), 'operator');
  expect(outcome.kind).toBe('applied');
});
