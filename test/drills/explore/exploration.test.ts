import { expect, test } from 'vitest';
import { Exploration, type ExploreReport, replayCounterexample } from '../../../src/drills/explore/exploration.ts';
import { defaultSettings, type ExploreSettings } from '../../../src/drills/explore/settings.ts';
import { failoverDefinition } from '../../../src/machines/failover/definition.ts';
import { productMachines, type TwinMachines } from '../../../src/twin/machines.ts';
import { definitions } from '../definitions.ts';

const none = { faults: 0, crashes: 0, acts: 0 };

function explored(settings: Partial<ExploreSettings>, machines?: TwinMachines): ExploreReport {
  const exploration = new Exploration({ ...defaultSettings, ...settings }, definitions, machines);
  while (exploration.advance(1_000));
  return exploration.report();
}

test('a world in which nothing breaks has as many states and edges as it always had, and keeps every property', () => {
  const { states, edges, depth, end, verdict, rests } = explored({ budgets: none });
  expect({ states, edges, depth, end, verdict }).toEqual({
    states: 364,
    edges: 684,
    depth: 36,
    end: 'exhausted',
    verdict: 'pass',
  });
  expect(rests).toMatchObject({ 'away Succeeded; all on cluster2; cluster2 told to run': 1 });
});

test('two VMs that change places are one state', () => {
  const { states, verdict } = explored({ virtualMachines: 2, budgets: none });
  expect({ states, verdict }).toEqual({ states: 1_556, verdict: 'pass' });
});

test('a crash at any moment leaves no operation without an end', () => {
  const { verdict, properties, end } = explored({ budgets: { ...none, crashes: 1 } });
  expect({ verdict, end }).toEqual({ verdict: 'pass', end: 'exhausted' });
  expect(properties.map(({ id }) => id)).toEqual(expect.arrayContaining(['S20', 'L1', 'L2']));
});

test('a search that is cut off does not call anything proven', () => {
  const { verdict, end, properties } = explored({ budgets: none, limits: { depth: 10, states: 1_000 } });
  expect({ verdict, end }).toEqual({ verdict: 'unknown', end: 'depth' });
  expect(new Set(properties.map((property) => property.verdict))).toEqual(new Set(['unknown']));
});

test('the same search always finds the same', () => {
  const settings = { budgets: { ...none, crashes: 1 } };
  expect(explored(settings)).toEqual(explored(settings));
});

test('a failover that never counts as running ends all the same; one whose deadline never comes does not', () => {
  const never = { targetRuns: () => false };
  expect(brokenIn(explored({ budgets: none }, withGuards(never)))).toEqual(['L3']);
  const { properties } = explored({ budgets: none }, withGuards({ ...never, vmStartIsOver: () => false }));
  const stuck = properties.find(({ id }) => id === 'L2');
  expect(stuck?.verdict).toBe('fail');
  const replay = replayCounterexample(
    stuck!.counterexample!,
    definitions,
    withGuards({ ...never, vmStartIsOver: () => false }),
  );
  expect(replay).toMatchObject({ broken: [{ property: 'L2' }] });
});

function brokenIn({ properties }: ExploreReport): readonly string[] {
  return properties.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
}

function withGuards(guards: Readonly<Record<string, () => boolean>>): TwinMachines {
  const machine = failoverDefinition.machine.provide({ guards } as never);
  return { ...productMachines, failover: { ...failoverDefinition, machine } };
}
