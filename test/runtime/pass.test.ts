import { expect, test } from 'vitest';
import type { MachineRecord } from '../../src/machines/definition.ts';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import { protectionGroupDefinition } from '../../src/machines/protection-group/definition.ts';
import { second } from '../../src/model/instant.ts';
import { isOnItsWay, nextLook } from '../../src/runtime/pass.ts';
import { begin } from '../../src/runtime/step.ts';
import { plannedRequest } from '../twin/protected-group.ts';

const input = { request: plannedRequest('away', 'cluster1', 'cluster2'), holder: 'me', otherSites: [], patient: false };
const operation = begin(failoverDefinition, { ...input, now: 0 }, 0).record;
const group = begin(
  protectionGroupDefinition,
  {
    site: 'cluster1',
    namespace: 'default',
    group: 'pg',
    otherSites: ['cluster2'],
    clusterRole: null,
    patience: null,
    connectingSince: null,
    inDoubt: false,
  },
  0,
).record;

const inState = <Context>(record: MachineRecord<Context>, state: string): MachineRecord<Context> => ({
  ...record,
  state,
});

test('an operation in another state looks again at once, for the new state may go on by what is there', () => {
  const progressed = isOnItsWay(failoverDefinition, operation, inState(operation, 'preflight'));
  expect(progressed).toBe(true);
  expect(nextLook(failoverDefinition, operation, progressed, 5, second)).toBe(5);
  expect(isOnItsWay(failoverDefinition, operation, operation)).toBe(false);
});

test('a group in another state waits for something to change, for every state decides alike', () => {
  const progressed = isOnItsWay(protectionGroupDefinition, inState(group, 'stopping'), inState(group, 'stopped'));
  expect(progressed).toBe(false);
  expect(nextLook(protectionGroupDefinition, group, progressed, 5, second)).toBe(5 + second);
});
