import { expect, test } from 'vitest';
import { withoutWords } from '../../../src/drills/explore/essence.ts';
import { runTape } from '../../../src/drills/run.ts';
import { tapeOf } from '../../../src/drills/swarm.ts';
import { failoverDefinition } from '../../../src/machines/failover/definition.ts';
import { protectionGroupDefinition } from '../../../src/machines/protection-group/definition.ts';
import { begin, step } from '../../../src/runtime/step.ts';
import { productMachines, type TwinMachines } from '../../../src/twin/machines.ts';
import { definitions } from '../definitions.ts';

test('no decision of a failover looks at what only people read', () => {
  let decisions = 0;
  const failover: TwinMachines['failover'] = {
    ...failoverDefinition,
    witness: (before, fact) => {
      const [full, bare] = [before, withoutWords(before)].map((record) => step(failoverDefinition, record, fact));
      expect(bare?.effects).toEqual(full?.effects);
      expect(withoutWords(bare!.record)).toEqual(withoutWords(full!.record));
      decisions++;
    },
  };
  playWith({ ...productMachines, failover });
  expect(decisions).toBeGreaterThan(100);
});

test('what a group controller orders does not depend on what it has seen before', () => {
  let decisions = 0;
  const orders = ({ effects }: ReturnType<typeof step>): unknown =>
    effects.filter(({ name }) => !protectionGroupDefinition.reports.has(name));
  const protectionGroup: TwinMachines['protectionGroup'] = {
    ...protectionGroupDefinition,
    witness: (before, fact) => {
      const fresh = begin(
        protectionGroupDefinition,
        { ...before.context, patience: null, connectingSince: null, inDoubt: false },
        fact.now,
      ).record;
      const [full, bare] = [before, fresh].map((record) => step(protectionGroupDefinition, record, fact));
      expect(orders(bare!)).toEqual(orders(full!));
      decisions++;
    },
  };
  playWith({ ...productMachines, protectionGroup });
  expect(decisions).toBeGreaterThan(100);
});

function playWith(machines: TwinMachines): void {
  for (let run = 0; run < 8; run++) expect(runTape(tapeOf(3, run), definitions, machines).verdict).not.toBe('fail');
}
