import { expect, test } from 'vitest';
import { Exploration, replayCounterexample } from '../../../src/drills/explore/exploration.ts';
import { type Budgets, defaultSettings } from '../../../src/drills/explore/settings.ts';
import { failoverDefinition } from '../../../src/machines/failover/definition.ts';
import type { failoverGuards } from '../../../src/machines/failover/guards.ts';
import { productMachines, type TwinMachines } from '../../../src/twin/machines.ts';
import { definitions } from '../definitions.ts';

type Guard = keyof typeof failoverGuards;

const none: Budgets = { faults: 0, crashes: 0, acts: 0 };
const crash: Budgets = { ...none, crashes: 1 };
const fault: Budgets = { ...none, faults: 1 };

/** Guards of the failover machine that are always open, the property that this breaks, and what has to happen for it to show. */
const bugs: readonly (readonly [guard: Guard, property: string, budgets: Budgets])[] = [
  ['mayBegin', 'L2', none],
  ['leaseIsLost', 'L2', none],
  ['resumes', 'L2', none],
  ['operationHasEnded', 'L2', none],
  ['leaseWaitIsOver', 'L2', crash],
  ['leaseWaitIsOverAndTakenUp', 'L2', none],
  ['cancelIsRequested', 'L11', none],
  ['cancelIsRequestedEarly', 'L11', none],
  ['turnsBackOnCancel', 'L11', none],
  ['sourceIsStopped', 'S22', none],
  ['locksAreReleased', 'S22', none],
  ['targetMayStart', 'S20', fault],
  ['targetIsOrdered', 'S22', crash],
  ['targetRuns', 'S21', none],
  ['sourceRuns', 'S22', none],
  ['sourceRunsAfterCancel', 'L11', none],
];

test.each(bugs)('the bug that %s is always true breaks %s, and can be shown again', (guard, property, budgets) => {
  const machines = withOpenGuard(guard);
  const exploration = new Exploration({ ...defaultSettings, budgets }, definitions, machines);
  while (!exploration.isBroken && exploration.advance(200));
  const verdict = exploration.report().properties.find(({ id }) => id === property);
  expect(verdict?.verdict).toBe('fail');
  const replay = replayCounterexample(verdict!.counterexample!, definitions, machines);
  expect(replay.missing).toBeUndefined();
  expect(replay.broken.map((breach) => breach.property)).toContain(property);
});

function withOpenGuard(guard: Guard): TwinMachines {
  const machine = failoverDefinition.machine.provide({ guards: { [guard]: () => true } } as never);
  return { ...productMachines, failover: { ...failoverDefinition, machine } };
}
