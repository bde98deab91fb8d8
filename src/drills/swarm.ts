import fc from 'fast-check';
import type { ConsentKind } from '../model/consent.ts';
import { second } from '../model/instant.ts';
import type { SiteName } from '../model/site.ts';
import { pageTimeouts } from '../twin/planned-run.ts';
import type { FaultOrder } from '../twin/faults/fault.ts';
import { drawnFaults } from './faults/catalogue.ts';
import type { ReachedFault } from './faults/fault.ts';
import { withCore, withLateOrder } from './liveness/core.ts';
import { stageQuorumSite, stageSites } from './stage-sites.ts';
import type { Tape, TapeItem, TapeStorage, TapeTopology } from './tape.ts';

const [first, other] = stageSites;
const away: TapeItem = { kind: 'failover', name: 'away', to: other, when: { at: 5 * second } };

/** One failover, there and back, the same twice, or both ways at once. */
const ordersOfFirst: readonly (readonly TapeItem[])[] = [
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

/** The copies of a site are to survive; then they are compared, and what differs on the other one is replaced. */
function recoverTo(survivor: SiteName): readonly TapeItem[] {
  const repair = survivor === first ? other : first;
  return [
    { kind: 'recovery', name: 'mend', survivor, when: { mended: 120 * second } },
    { kind: 'recovery', name: 'compare', repair, when: { mended: 220 * second } },
  ];
}

const compared: readonly TapeItem[] = [{ kind: 'recovery', name: 'compare', when: { mended: 120 * second } }];

/**
 * The first site is lost, or cut off, and a person takes the group over without it once it has been away for a while; in some
 * runs a person brings the copies together again when everything is mended, compares them, or goes back.
 */
const disasters: fc.Arbitrary<readonly TapeItem[]> = fc
  .record({
    loss: fc.constantFrom<FaultOrder>(
      { kind: 'site-loss', site: first },
      { kind: 'site-loss', site: first },
      { kind: 'link-cut', site: first },
      { kind: 'api-outage', site: first, how: 'hang' },
      { kind: 'link-cut', site: first, plane: 'drbd' },
    ),
    at: fc.integer({ min: 5, max: 60 }),
    waits: fc.constantFrom(5, 15, 30, 60),
    lasts: fc.constantFrom(45, 90, 240),
    accepts: fc.constantFrom<readonly ConsentKind[] | undefined>(undefined, undefined, undefined, ['UnverifiedSource']),
    isPlannedBefore: fc.boolean(),
    goesBack: fc.boolean(),
    mends: fc.constantFrom<readonly TapeItem[]>([], [], recoverTo(first), recoverTo(other), recoverTo(other), compared),
  })
  .map(({ loss, at, waits, lasts, accepts, isPlannedBefore, goesBack, mends }) => [
    ...(isPlannedBefore ? [away] : []),
    { kind: 'fault', fault: loss, when: { at: at * second }, lasts: lasts * second },
    {
      kind: 'failover',
      name: 'takeover',
      to: other,
      mode: 'Unplanned',
      ...(accepts === undefined ? {} : { accepts }),
      when: { at: (at + waits) * second },
    },
    ...mends,
    ...(goesBack ? [{ kind: 'failover', name: 'return', to: first, when: { mended: 300 * second } } as const] : []),
  ]);

/**
 * Tapes at random. The configuration is drawn first, and with it which faults there are at all: a run with few kinds gets
 * deeper into them than one that meets a little of everything, and a calm one shows what calm hides. One run in eight is
 * calm, and half of them meet at most two kinds. In some runs only a core is healed in the end, and in some a person orders
 * once more after that.
 */
export const tapes: fc.Arbitrary<Tape> = fc
  .record({
    seed: fc.nat({ max: 0x7fffffff }),
    topology: topologies(),
    timeouts: timeouts(),
    faults: fc.oneof(
      { weight: 1, arbitrary: fc.constant<ReachedFault[]>([]) },
      { weight: 3, arbitrary: fc.subarray([...drawnFaults], { minLength: 1, maxLength: 2 }) },
      { weight: 4, arbitrary: fc.subarray([...drawnFaults], { minLength: 3, maxLength: 6 }) },
    ),
  })
  .chain(({ seed, topology, timeouts: limits, faults }) =>
    fc
      .tuple(orders(topology), troubles(topology, faults))
      .map(([given, items]) => ({ seed, topology, timeouts: limits, items: [...given, ...items] })),
  )
  .chain(withCore)
  .chain(withLateOrder);

/** The tape of a run: the same for the same seed and number. */
export function tapeOf(seed: number, run: number): Tape {
  const mixed = Math.imul(seed ^ Math.imul(run, 0x9e3779b1), 0x85ebca6b) | 0;
  const tape = fc.sample(tapes, { seed: mixed, numRuns: 1 })[0] as Tape;
  return run % operatorRuns === 0 ? onOperator(tape) : tape;
}

/** One run in so many is on DRBD Operator. */
const operatorRuns = 5;

/** The same run with its volumes kept by DRBD Operator: what is drawn of LINSTOR's place and answers means nothing then. */
function onOperator(tape: Tape): Tape {
  const { linstor: _place, ...storage } = tape.topology.storage ?? {};
  return { ...tape, topology: { ...tape.topology, storage: { ...storage, backend: 'drbd-operator' } } };
}

function topologies(): fc.Arbitrary<TapeTopology> {
  return fc
    .record({
      nodes: fc.constantFrom(1, 1, 2),
      quorumSite: fc.constantFrom(true, true, false),
      virtualMachines: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 1, max: 4 }) },
        { weight: 1, arbitrary: fc.integer({ min: 5, max: 12 }) },
      ),
      groups: fc.constantFrom(1, 1, 1, 2, 3, 4),
    })
    .chain((topology) =>
      storages(topology).map((storage) => ({ ...topology, ...(storage === undefined ? {} : { storage }) })),
    );
}

/**
 * As a fresh installation has it, or with a tiebreaker, and quorum set by hand. More copies and protocol A are for scenario
 * files: with them the simulated DRBD loses marks of writes in ways that no recording of the real one bears out or refutes.
 */
function storages({ nodes, quorumSite }: TapeTopology): fc.Arbitrary<TapeStorage | undefined> {
  const tiebreakers = [...(quorumSite ? [stageQuorumSite] : []), ...(nodes > 1 ? stageSites : [])];
  const options = {
    quorum: fc.constantFrom('majority' as const, 'off' as const),
    onNoQuorum: fc.constantFrom('suspend-io' as const, 'io-error' as const),
  };
  const optional = tiebreakers.length === 0 ? options : { ...options, tiebreaker: fc.constantFrom(...tiebreakers) };
  // Every second run: `freq: 1` would leave out all of them.
  return fc.option(fc.record(optional, { requiredKeys: [] }), { nil: undefined, freq: 2 });
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

/** What people order of the first group, and of the others if there are any. */
function orders({ groups = 1, virtualMachines }: TapeTopology): fc.Arbitrary<readonly TapeItem[]> {
  const others = Array.from({ length: Math.min(groups, virtualMachines) - 1 }, (_, index) => index + 2);
  return fc
    .tuple(
      fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...ordersOfFirst) }, { weight: 1, arbitrary: disasters }),
      ...others.map((number) =>
        fc.constantFrom(0, 5 * second, 6 * second, 40 * second).map((at): TapeItem[] => {
          const when = { at };
          return at === 0 ? [] : [{ kind: 'failover', name: `away-${number}`, group: `pg-${number}`, to: other, when }];
        }),
      ),
    )
    .map((items) => items.flat());
}

/** Up to five times one of these faults. */
function troubles(topology: TapeTopology, faults: readonly ReachedFault[]): fc.Arbitrary<readonly TapeItem[]> {
  if (faults.length === 0) return fc.constant([]);
  const one = fc.oneof(...faults.map(({ reach }) => reach.knob.draw(topology)));
  return fc.array(one, { minLength: 1, maxLength: 5 }).map((items) => items.flat());
}
