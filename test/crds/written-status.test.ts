import { describe, expect, test } from 'vitest';
import type { FailoverContext } from '../../src/machines/failover/context.ts';
import { failoverStatus } from '../../src/machines/failover/journal.ts';
import { beginStep } from '../../src/machines/operation/steps.ts';
import { beginContext as beginRecovery } from '../../src/machines/recovery/begin.ts';
import { recoveryStatus } from '../../src/machines/recovery/journal.ts';
import { recoveryMachine } from '../../src/machines/recovery/machine.ts';
import { mergeConditions } from '../../src/model/conditions.ts';
import { newFailover } from '../../src/model/failover.ts';
import { at, type Json, type JsonObject, listAt, objectAt } from '../../src/model/json.ts';
import { newRecovery } from '../../src/model/recovery/recovery-request.ts';
import { newProtectionGroup } from '../../src/model/protection-group.ts';
import { crds } from './crd-documents.ts';

// A field that the schema does not have is dropped by the API server without a word: each one written must be there.
const [groupSchema, failoverSchema, recoverySchema] = crds.map((crd) =>
  objectAt(crd, 'spec', 'versions', 0, 'schema', 'openAPIV3Schema'),
);

/** The paths of a value's fields that the schema does not have, and of values that its enums do not have. */
function strangersIn(value: Json | undefined, schema: JsonObject, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => strangersIn(item, objectAt(schema, 'items'), `${path}[]`));
  if (typeof value !== 'object' || value === null) {
    const allowed = listAt(schema, 'enum');
    return allowed.length > 0 && !allowed.includes(value ?? null) ? [`${path}: ${String(value)}`] : [];
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const field = at(schema, 'properties', name);
    return field === undefined
      ? [`${path}.${name}`]
      : strangersIn(child, objectAt(schema, 'properties', name), `${path}.${name}`);
  });
}

const request = {
  name: 'production-pg-1',
  namespace: 'default',
  group: 'production-pg',
  source: 'cluster1',
  target: 'cluster2',
  mode: 'Planned' as const,
  rollBack: true,
  timeouts: { failoverSeconds: 300, vmStartSeconds: 120, drbdWaitSeconds: 30, taintRemovalWindowSeconds: 30 },
  requestedBy: { user: 'somebody', host: 'somewhere', client: 'pgctl/0.1.0' },
};
const at0 = 1_767_225_600_000;
const context: FailoverContext = {
  request,
  otherSites: ['cluster3'],
  holder: 'pgctl-1',
  formerHolder: '',
  takenOverAt: '1',
  acquired: true,
  startedAt: at0,
  virtualMachines: ['prod-vm-1'],
  resources: ['pvc-1'],
  epoch: 1,
  leases: {},
  locks: {},
  deadlines: {},
  steps: [
    {
      name: 'stopSource',
      state: 'failed',
      startedAt: at0,
      finishedAt: at0,
      message: 'prod-vm-1 does not stop',
      virtualMachines: [{ name: 'prod-vm-1', state: 'failed', at: at0, message: 'its launcher pod is still there' }],
    },
  ],
  blockers: ['prod-vm-1 does not stop'],
  findings: [],
};

describe('the schema has every field that is written to', () => {
  test('an order', () => {
    expect(strangersIn(newFailover(request)['spec'], objectAt(failoverSchema, 'properties', 'spec'))).toEqual([]);
  });

  test.each([
    'acquiringLease',
    'stopping',
    'succeeded',
    'rolledBack',
    'cancelled',
    'refused',
    'failed',
    'needsAttention',
  ])('the status of an operation in state %s', (state) => {
    const verdict = {
      kind: 'rolledBack',
      reason: 'prod-vm-1 does not stop',
      remedy: 'pgctl failover production-pg',
    } as const;
    const record = { machine: 'failover', version: 1, state, context: { ...context, verdict } };
    expect(strangersIn(failoverStatus(record, at0), objectAt(failoverSchema, 'properties', 'status'))).toEqual([]);
  });

  test('the order and the status of a recovery', () => {
    const requestedBy = { user: 'somebody', host: 'somewhere', client: 'pgctl/0.1.0' };
    const given = { evidence: 'abc', givenBy: 'somebody', givenAt: '2026-01-01T00:00:00Z' };
    const request = {
      name: 'production-pg-r1',
      namespace: 'default',
      group: 'production-pg',
      driver: 'cluster1',
      other: 'cluster2',
      snapshot: true,
      requestedBy,
      consents: [{ kind: 'DiscardCopy', statement: 'what node-2 has done is lost', ...given } as const],
    };
    for (const order of [
      newRecovery({ ...request, action: 'Resolve', survivor: 'cluster1' }),
      newRecovery({ ...request, action: 'Verify', repair: 'cluster2' }),
    ]) {
      expect(strangersIn(order['spec'], objectAt(recoverySchema, 'properties', 'spec'))).toEqual([]);
    }
    const begun = beginRecovery({
      request: { ...request, action: 'Resolve', survivor: 'cluster1' },
      otherSites: [],
      holder: 'pgctl-1',
      now: at0,
      patient: false,
    });
    const pair = { resource: 'pvc-1', node: 'node-1', peer: 'node-2', startedAt: at0, finishedAt: at0 };
    for (const state of Object.keys(recoveryMachine.states)) {
      const results = ['Pending', 'Running', 'Equal', 'Different', 'Repaired', 'Unknown'] as const;
      const comparisons = results.map((result) => ({ ...pair, result, differingKib: 4, message: 'in use' }));
      const verdict = { kind: 'needsAttention', reason: 'copies differ', remedy: 'pgctl verify' } as const;
      const steps = beginStep(begun.steps, 'repair', at0);
      const record = { machine: 'recovery', version: 1, state, context: { ...begun, steps, comparisons, verdict } };
      const status = recoveryStatus(record, at0);
      expect(strangersIn(status, objectAt(recoverySchema, 'properties', 'status'))).toEqual([]);
    }
  });

  test('a new ProtectionGroup', () => {
    const group = newProtectionGroup('production-pg', 'default', ['prod-vm-1'], 'stopped');
    expect(strangersIn(group.spec, objectAt(groupSchema, 'properties', 'spec'))).toEqual([]);
  });

  test('the conditions of a ProtectionGroup', () => {
    const decided = { type: 'Ready', status: 'True', reason: 'Valid', message: '' } as const;
    const conditions = mergeConditions(undefined, [decided], 1, at0);
    expect(strangersIn({ conditions }, objectAt(groupSchema, 'properties', 'status'))).toEqual([]);
  });

  test('a field that the schema does not have is found', () => {
    expect(strangersIn({ spec: { desiredState: 'paused', pace: 1 } }, groupSchema ?? {})).toEqual([
      '.spec.desiredState: paused',
      '.spec.pace',
    ]);
  });
});
