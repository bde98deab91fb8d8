import fc from 'fast-check';
import type { Fact, MachineRecord } from '../../../src/machines/definition.ts';
import type { HistoryContext } from '../../../src/machines/history/context.ts';
import { historyDefinition } from '../../../src/machines/history/definition.ts';
import { known, unknown } from '../../../src/model/known.ts';
import { type KubeObject, resources } from '../../../src/model/kube.ts';
import { historyLimit, type HistoryView } from '../../../src/model/operation-copies.ts';
import { begin, step } from '../../../src/runtime/step.ts';
import { describeMachine, type FactFor } from '../../contracts/machine.ts';

type Record = MachineRecord<HistoryContext>;
type HistoryFact = Fact<HistoryView>;

const seen =
  (own: HistoryView['own'], there: HistoryView['own']): FactFor<Record, HistoryFact> =>
  () => ({
    type: 'observed',
    now: 0,
    view: { site: 'cluster1', own, others: [{ site: 'cluster2', operations: there }] },
  });

const operations = (count: number, phase: string): readonly KubeObject[] =>
  Array.from({ length: count }, (_each, index) => ({
    apiVersion: 'siterecovery.trilio.io/v1alpha1',
    kind: resources.failover.kind,
    metadata: { name: `op-${index}`, namespace: 'default', uid: `uid-${index}`, resourceVersion: '1' },
    spec: { protectionGroup: 'pg' },
    status: { phase },
  }));

const reading = fc.oneof(
  fc.constant(unknown<readonly KubeObject[]>('no answer')),
  fc
    .tuple(fc.nat(historyLimit + 3), fc.constantFrom('Running', 'Succeeded'))
    .map(([count, phase]) => known(operations(count, phase))),
);

describeMachine<Record, HistoryFact>({
  id: historyDefinition.id,
  machine: historyDefinition.machine,
  finalStates: historyDefinition.finalStates,
  effects: Object.keys(historyDefinition.effects),
  beginnings: [
    begin(historyDefinition, { site: 'cluster1', namespace: 'default', group: 'pg', otherSites: ['cluster2'] }, 0)
      .record,
  ],
  step: (record, fact) => step(historyDefinition, record, fact),
  stateOf: ({ state }) => state,
  contextOf: ({ context }) => context,
  kindOf: () => '',
  alphabet: [
    seen(known([]), known([])),
    seen(known(operations(1, 'Succeeded')), known([])),
    seen(known(operations(historyLimit + 1, 'Succeeded')), known([])),
    seen(known([]), unknown('no answer')),
    seen(unknown('no answer'), known([])),
  ],
  facts: fc.tuple(reading, reading).map(([own, there]) => seen(own, there)),
  mustHandle: (fact) => fact.type === 'observed',
});
