import fc from 'fast-check';
import { second } from '../model/instant.ts';
import type { FaultOrder } from '../twin/faults/fault.ts';
import { pageTimeouts } from '../twin/planned-run.ts';
import { stageSites } from './stage.ts';
import type { AnswerFault, HostKind, Tape, TapeItem, TapeTopology, Trigger } from './tape.ts';

const [first, other] = stageSites;
const away: TapeItem = { kind: 'failover', name: 'away', to: other, when: { at: 5 * second } };

/** What people order: one failover, there and back, the same twice, or both ways at once. */
const orders: readonly (readonly TapeItem[])[] = [
  [away],
  [away],
  [
    away,
    { kind: 'failover', name: 'back', to: first, when: { operation: 'away', state: 'succeeded', after: 30 * second } },
  ],
  [away, { kind: 'failover', name: 'again', to: other, when: { at: 6 * second } }],
  [away, { kind: 'failover', name: 'opposite', to: first, when: { at: 5 * second } }],
  [away, { kind: 'failover', name: 'opposite', to: first, when: { operation: 'away', state: 'startingTarget' } }],
];

function topologies(): fc.Arbitrary<TapeTopology> {
  return fc.record({
    nodes: fc.constantFrom(1, 1, 2),
    quorumSite: fc.constantFrom(true, true, false),
    virtualMachines: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 1, max: 4 }) },
      { weight: 1, arbitrary: fc.integer({ min: 5, max: 12 }) },
    ),
  });
}

function timeouts(): fc.Arbitrary<Tape['timeouts']> {
  const absurd = fc.record({
    failoverSeconds: fc.constantFrom(1, 10, 60, 600),
    vmStartSeconds: fc.constantFrom(1, 10, 300),
    drbdWaitSeconds: fc.constantFrom(0, 1, 120),
    taintRemovalWindowSeconds: fc.constantFrom(0, 1, 120),
  });
  return fc.oneof({ weight: 5, arbitrary: fc.constant(pageTimeouts) }, { weight: 1, arbitrary: absurd });
}

type Troubles = (topology: TapeTopology) => fc.Arbitrary<TapeItem>;

const hostKinds: readonly HostKind[] = ['pgctl', 'protection-group-controller', 'failover-controller'];
const answerFaults: readonly AnswerFault[] = ['conflict', 'forbidden', 'busy', 'error', 'appliedAndLost', 'lost'];

/** Each kind of trouble, and how one of it is drawn. */
const troubleOf: Readonly<Record<string, Troubles>> = {
  answers: () =>
    fc.record({
      kind: fc.constant('answer' as const),
      host: fc.constantFrom(...hostKinds),
      nth: fc.integer({ min: 1, max: 60 }),
      fault: fc.constantFrom(...answerFaults),
    }),
  crashes: () =>
    fc.record({
      kind: fc.constant('crash' as const),
      host: fc.constantFrom(...hostKinds),
      nth: fc.integer({ min: 1, max: 60 }),
      moment: fc.constantFrom('before' as const, 'after' as const),
    }),
  outages: (topology) =>
    broken(
      fc.record({ kind: fc.constant('api-outage'), site: site(topology), how: fc.constantFrom('hang', 'refuse') }),
    ),
  links: (topology) =>
    broken(fc.record({ kind: fc.constant('link-cut'), site: site(topology), plane: fc.constantFrom('api', 'drbd') })),
  nodes: ({ nodes }) =>
    broken(
      fc.record({
        kind: fc.constant('node-crash'),
        node: fc
          .tuple(fc.constantFrom(...stageSites), fc.integer({ min: 1, max: nodes }))
          .map(([name, n]) => `${name}-node-${n}`),
      }),
    ),
  sites: () => broken(fc.record({ kind: fc.constant('site-loss'), site: fc.constantFrom(...stageSites) })),
  guests: ({ virtualMachines }) =>
    broken(fc.record({ kind: fc.constantFrom('vm-stuck', 'opener-stuck'), vm: member(virtualMachines) })),
  volumes: ({ virtualMachines }) => broken(fc.record({ kind: fc.constant('pv-missing'), vm: member(virtualMachines) })),
  taints: () => broken(fc.record({ kind: fc.constant('taint-flap'), site: fc.constantFrom(...stageSites) })),
  cancels: () => triggers().map((when): TapeItem => ({ kind: 'cancel', operation: 'away', when })),
};

function troubleKinds(): string[] {
  return Object.keys(troubleOf);
}

function troubles(topology: TapeTopology, kinds: readonly string[]): fc.Arbitrary<TapeItem[]> {
  if (kinds.length === 0) return fc.constant([]);
  return fc.array(fc.oneof(...kinds.map((kind) => (troubleOf[kind] as Troubles)(topology))), {
    minLength: 1,
    maxLength: 5,
  });
}

function broken(faults: fc.Arbitrary<FaultOrder>): fc.Arbitrary<TapeItem> {
  const durations = fc.constantFrom(second, 4 * second, 12 * second, 40 * second, 130 * second);
  return fc
    .record({ fault: faults, when: triggers(), lasts: fc.option(durations, { nil: undefined, freq: 4 }) })
    .map(({ fault, when, lasts }) => ({ kind: 'fault', fault, when, ...(lasts === undefined ? {} : { lasts }) }));
}

/** Before, during and after an operation: by the clock, or on the edge of one of its steps. */
function triggers(): fc.Arbitrary<Trigger> {
  const states = [
    'preflight',
    'stoppingSource',
    'awaitingRelease',
    'removingTaints',
    'startingTarget',
    'monitoringStartup',
    'rollingBack',
    'succeeded',
  ];
  return fc.oneof(
    fc.integer({ min: 0, max: 90_000 }).map((at) => ({ at })),
    fc.record({
      operation: fc.constant('away'),
      state: fc.constantFrom(...states),
      after: fc.constantFrom(0, 0, 50, 3 * second, 20 * second),
    }),
  );
}

function site({ quorumSite }: TapeTopology): fc.Arbitrary<string> {
  return fc.constantFrom(...stageSites, ...(quorumSite ? ['cluster3'] : []));
}

function member(count: number): fc.Arbitrary<string> {
  return fc.integer({ min: 1, max: count }).map((n) => `vm-${n}`);
}

/**
 * Tapes at random. The configuration is drawn first, and with it which kinds of trouble there are at all: a run with few
 * kinds gets deeper into them than one that meets a little of everything, and a calm one shows what calm hides.
 */
export const tapes: fc.Arbitrary<Tape> = fc
  .record({
    seed: fc.nat({ max: 0x7fffffff }),
    topology: topologies(),
    timeouts: timeouts(),
    orders: fc.constantFrom(...orders),
    trouble: fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 7, arbitrary: fc.subarray(troubleKinds(), { minLength: 1, maxLength: 3 }) },
    ),
  })
  .chain(({ seed, topology, timeouts: limits, orders: given, trouble }) =>
    troubles(topology, trouble).map((items) => ({ seed, topology, timeouts: limits, items: [...given, ...items] })),
  );

/** The tape of a run: the same for the same seed and number. */
export function tapeOf(seed: number, run: number): Tape {
  const mixed = Math.imul(seed ^ Math.imul(run, 0x9e3779b1), 0x85ebca6b) | 0;
  return fc.sample(tapes, { seed: mixed, numRuns: 1 })[0] as Tape;
}
