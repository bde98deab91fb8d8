import { beforeAll, expect, test } from 'vitest';
import { runTape } from '../../../src/drills/run.ts';
import { parseScenario } from '../../../src/drills/scenario-file.ts';
import { scenarioOfFailure } from '../../../src/drills/scenario.ts';
import { runJudged } from '../../../src/drills/sweep/judged-run.ts';
import { planKinds } from '../../../src/drills/sweep/plan.ts';
import { executePlan, planSweep, type ScenarioSweep } from '../../../src/drills/sweep/sweep.ts';
import { calm } from '../calm.ts';
import { definitions } from '../definitions.ts';

let sweep: ScenarioSweep;

beforeAll(() => {
  sweep = planSweep({ about: 'a calm failover', ...calm, expect: { verdict: 'pass' } }, definitions);
});

test('every effect of every host is hit in four ways', () => {
  const { reference, plans } = sweep;
  expect(reference.effects.length).toBeGreaterThan(50);
  for (const kind of ['diesBefore', 'diesAfter', 'answerLost', 'requestLost'])
    expect(plans.filter((plan) => plan.kind === kind)).toHaveLength(reference.effects.length);
});

test('no two plans do the same', () => {
  const items = sweep.plans.map(({ item }) => JSON.stringify(item));
  expect(new Set(items).size).toBe(items.length);
});

test('a plan is a scenario that can be written down and played again', () => {
  const last = planKinds.map((kind) => sweep.plans.findLast((plan) => plan.kind === kind));
  for (const plan of last) {
    const tape = { ...calm, items: [...calm.items, ...(plan === undefined ? [] : [plan.item])] };
    expect(parseScenario(scenarioOfFailure(tape, 'L4', 'a plan'))).toMatchObject({ kind: 'scenario' });
  }
});

test('a look of each host shows the past where that alters a decision, and the run passes', () => {
  for (const host of ['pgctl', 'protection-group-controller', 'failover-controller']) {
    for (const kind of ['stale', 'hidden']) {
      const plan = sweep.plans.find(({ kind: its, item }) => its === kind && 'host' in item && item.host === host);
      if (plan === undefined) throw new Error(`No ${kind} plan for ${host}`);
      const { marks } = runTape({ ...calm, items: [...calm.items, plan.item] }, definitions);
      expect([...marks]).toContain(`fault ${plan.item.kind}`);
      expect(executePlan(sweep, plan, definitions), JSON.stringify(plan)).toMatchObject({ verdict: 'pass' });
    }
  }
});

test('a run that comes to something else than its reference breaks L4', () => {
  const timeouts = { ...calm.timeouts, vmStartSeconds: 20 };
  const probe = { kind: 'crash', host: 'pgctl', nth: 25, moment: 'after', probe: true } as const;
  const impatient = { ...calm, timeouts, items: [...calm.items, probe] };
  expect(runJudged(impatient, definitions, sweep.reference).violations).toMatchObject([
    { property: 'L4', what: expect.stringContaining('away needs a person') as string },
  ]);
  expect(runJudged(impatient, definitions).verdict).toBe('pass');
});
