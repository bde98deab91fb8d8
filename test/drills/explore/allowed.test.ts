import { expect, test } from 'vitest';
import { Choices } from '../../../src/drills/explore/choices.ts';
import { takeScenery } from '../../../src/drills/explore/scenery.ts';
import type { Budgets } from '../../../src/drills/explore/settings.ts';
import { SmallWorld } from '../../../src/drills/explore/small-world.ts';
import { runTape } from '../../../src/drills/run.ts';
import type { TapeItem } from '../../../src/drills/tape.ts';
import { pageTimeouts } from '../../../src/twin/planned-run.ts';
import { productMachines } from '../../../src/twin/machines.ts';
import { definitions } from '../definitions.ts';
import { followed, type JournalStates } from './allowed.ts';

const world = new SmallWorld(takeScenery(1, definitions), productMachines);
const away: TapeItem = { kind: 'failover', name: 'away', to: 'cluster2', when: { at: 5_000 } };
const back: TapeItem = {
  kind: 'failover',
  name: 'back',
  to: 'cluster1',
  when: { operation: 'away', state: 'succeeded' },
};
const none = { faults: 0, crashes: 0, acts: 0 };

const tapes: readonly (readonly [title: string, items: readonly TapeItem[], budgets: Partial<Budgets>])[] = [
  ['nothing goes wrong', [away], {}],
  ['there and back', [away, back], { acts: 1 }],
  [
    'the device stays open',
    [away, { kind: 'fault', fault: { kind: 'opener-stuck', vm: 'vm-1' }, when: { at: 0 } }],
    {},
  ],
  ['a cancel while the source stops', [away, cancelIn('stoppingSource')], { acts: 1 }],
  ['a cancel while the volumes are released', [away, cancelIn('awaitingRelease')], { acts: 1 }],
  ['a cancel that comes too late', [away, cancelIn('monitoringStartup')], { acts: 1 }],
  ...[4, 6, 9].map((nth) => [`pgctl dies at change ${nth}`, [away, crash(nth, 'before')], { crashes: 1 }] as const),
  ...[5, 8, 11].map((nth) => [`pgctl dies after change ${nth}`, [away, crash(nth, 'after')], { crashes: 1 }] as const),
  ...[4, 5, 6].map((nth) => [`change ${nth} is lost`, [away, answer(nth, 'lost')], { faults: 1 }] as const),
  ...[4, 5, 8].map((nth) => [`answer ${nth} is lost`, [away, answer(nth, 'appliedAndLost')], { faults: 1 }] as const),
  [
    'the link is cut',
    [away, lasting({ kind: 'network-cut', site: 'cluster1', peer: 'cluster2', plane: 'drbd' })],
    { faults: 1 },
  ],
  ['the source is cut off', [away, lasting({ kind: 'api-down', site: 'cluster1' })], { faults: 1 }],
];

test.each(tapes)('what the journals show is possible in the small world: %s', (_title, items, budgets) => {
  const topology = { nodes: 1, quorumSite: true, virtualMachines: 1 };
  const { timeline } = runTape({ seed: 1, topology, timeouts: pageTimeouts, items }, definitions);
  const history = historyIn(timeline.map(({ text }) => text));
  expect(history.length).toBeGreaterThan(1);
  const choices = new Choices(world, { ...none, ...budgets });
  expect(history.slice(0, followed(choices, history))).toEqual(history);
});

test('what no world shows is not possible in the small one', () => {
  const choices = new Choices(world, none);
  expect(followed(choices, ['preflight | no state', 'startingTarget | no state'])).toBe(1);
});

function cancelIn(state: string): TapeItem {
  return { kind: 'cancel', operation: 'away', when: { operation: 'away', state } };
}

function crash(nth: number, moment: 'before' | 'after'): TapeItem {
  return { kind: 'crash', host: 'pgctl', nth, moment };
}

function answer(nth: number, fault: 'lost' | 'appliedAndLost'): TapeItem {
  return { kind: 'answer', host: 'pgctl', nth, fault };
}

function lasting(fault: Extract<TapeItem, { kind: 'fault' }>['fault']): TapeItem {
  return { kind: 'fault', fault, when: { operation: 'away', state: 'stoppingSource' }, lasts: 40_000 };
}

function historyIn(timeline: readonly string[]): readonly JournalStates[] {
  const states = { away: 'no state', back: 'no state' };
  const history: JournalStates[] = [];
  for (const text of timeline) {
    const [, name, state] = /^(away|back): (\w+), driven by/.exec(text) ?? [];
    if (state === undefined) continue;
    states[name as 'away' | 'back'] = state;
    history.push(`${states.away} | ${states.back}`);
  }
  return history;
}
