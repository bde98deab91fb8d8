import { expect, test } from 'vitest';
import { runTape } from '../../src/drills/run.ts';
import { tapeOf } from '../../src/drills/swarm.ts';
import type { MachineDefinition } from '../../src/machines/definition.ts';
import { productMachines } from '../../src/twin/machines.ts';
import { expectSameTransition } from '../contracts/same-transition.ts';
import { definitions } from './definitions.ts';

test('every step of random drills is the one that XState makes', () => {
  const steps = new Set<string>();
  const machines = {
    failover: compared(productMachines.failover, steps),
    recovery: compared(productMachines.recovery, steps),
    protectionGroup: compared(productMachines.protectionGroup, steps),
  };
  for (let run = 0; run < 5; run++) expect(runTape(tapeOf(2, run), definitions, machines).violations).toEqual([]);
  const states = ['acquiringLease', 'preflight', 'stoppingSource', 'awaitingRelease', 'startingTarget', 'rollingBack'];
  expect([...steps]).toEqual(expect.arrayContaining(states.map((state) => `failover ${state} observed`)));
  expect([...steps]).toEqual(expect.arrayContaining(['failover awaitingRelease deadlinePassed']));
});

test('what a host sees in random drills is the same with an earlier look and without', () => {
  let count = 0;
  const checked = <Context, View>(definition: MachineDefinition<Context, View>): MachineDefinition<Context, View> => ({
    ...definition,
    project: (observation, record, earlier) => {
      const view = definition.project(observation, record, earlier);
      expect(view).toEqual(definition.project(observation, record));
      count += 1;
      return view;
    },
  });
  const machines = {
    failover: checked(productMachines.failover),
    recovery: checked(productMachines.recovery),
    protectionGroup: checked(productMachines.protectionGroup),
  };
  for (let run = 0; run < 6; run++) expect(runTape(tapeOf(5, run), definitions, machines).violations).toEqual([]);
  expect(count).toBeGreaterThan(200);
});

/** The same machine; each time that it looks, both ways of stepping it are held against each other. */
function compared<Context extends object, View>(
  definition: MachineDefinition<Context, View>,
  steps: Set<string>,
): MachineDefinition<Context, View> {
  const { id, machine } = definition;
  return {
    ...definition,
    project: (observation, record, earlier) => {
      const view = definition.project(observation, record, earlier);
      const { state, context } = record;
      const now = observation.at;
      const passed = definition.deadlines(context).map(({ name }) => ({ type: 'deadlinePassed', now, deadline: name }));
      for (const fact of [{ type: 'observed', now, view }, ...passed]) {
        expectSameTransition(machine, state, context, fact);
        steps.add(`${id} ${state} ${fact.type}`);
      }
      return view;
    },
  };
}
