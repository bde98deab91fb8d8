import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import { lastOperationField } from '../../src/model/last-operation.ts';
import type { ProtectionGroup } from '../../src/model/protection-group.ts';

const times = { early: '2026-01-01T00:00:00Z', late: '2026-01-01T01:00:00Z', end: '2026-01-01T02:00:00Z' };

test('the newest operation is told, and what it does not have of the one before is taken away', () => {
  const before = operation('a', { phase: 'Succeeded', startTime: times.early, completionTime: times.end });
  const shown = lastOperationField(groupWith(undefined), [before]);
  expect(shown).toEqual({
    name: 'a',
    phase: 'Succeeded',
    sourceCluster: 'cluster1',
    targetCluster: 'cluster2',
    startTime: times.early,
    completionTime: times.end,
  });
  const next = operation('b', { phase: 'Running', startTime: times.late });
  expect(lastOperationField(groupWith(shown), [next, before])).toMatchObject({ name: 'b', completionTime: null });
});

test('one that nobody has taken up is pending since it was ordered', () => {
  const fresh = operation('b', undefined, times.late);
  const old = operation('a', { phase: 'Failed', startTime: times.early });
  expect(lastOperationField(groupWith(undefined), [old, fresh])).toMatchObject({ name: 'b', phase: 'Pending' });
  expect(lastOperationField(groupWith(undefined), [])).toBeUndefined();
});

function operation(name: string, status: JsonObject | undefined, creationTimestamp = times.end): KubeObject {
  return {
    apiVersion: 'siterecovery.trilio.io/v1alpha1',
    kind: 'Failover',
    metadata: { name, creationTimestamp },
    spec: { sourceCluster: 'cluster1', targetCluster: 'cluster2' },
    ...(status === undefined ? {} : { status }),
  };
}

function groupWith(lastOperation: JsonObject | undefined): ProtectionGroup {
  const object = {
    apiVersion: 'siterecovery.trilio.io/v1alpha1',
    kind: 'ProtectionGroup',
    metadata: { name: 'pg' },
    status: lastOperation === undefined ? {} : { lastOperation },
  };
  return { object } as ProtectionGroup;
}
