import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AnyStateMachine, assign, createMachine, initialTransition, setup } from 'xstate';
import { pureBeginning, pureTransition } from '../../src/machines/pure-transition.ts';
import { transitionTableOf } from '../../src/machines/transition-table.ts';
import { expectSameTransition } from '../contracts/same-transition.ts';

interface Counter {
  readonly count: number;
  readonly seen: readonly string[];
}

type Event = { readonly type: 'go' | 'stay' | 'jump' | 'again' | 'never' };

const note = (): void => undefined;

/** Every way on that a flat chart has: kept, re-entered, guarded, unguarded, by the state and by the whole machine. */
const machine = setup({
  types: { context: {} as Counter, events: {} as Event, input: {} as { readonly count: number } },
  guards: {
    isSmall: ({ context }, params: { readonly below: number }) => context.count < params.below,
    isNever: () => false,
  },
  actions: {
    tell: note,
    count: assign({ count: ({ context }) => context.count + 1 }),
    note: assign(({ context, event }, params: { readonly as: string }) => ({
      seen: [...context.seen, `${params.as} ${event.type}`].slice(-3),
    })),
    forget: assign({ seen: [] }),
  },
}).createMachine({
  id: 'every-way',
  initial: 'a',
  context: ({ input }) => ({ count: input.count, seen: [] }),
  on: {
    jump: { target: '.b', actions: ['tell', 'count'] },
    stay: { guard: 'isNever', actions: 'count' },
    again: { actions: 'tell' },
  },
  states: {
    a: {
      entry: ['tell', { type: 'note', params: { as: 'into a' } }],
      exit: ['count', 'tell'],
      on: {
        go: [
          { guard: { type: 'isSmall', params: { below: 3 } }, target: 'b', actions: 'tell' },
          { target: 'a', actions: 'forget' },
        ],
        stay: [
          { guard: 'isNever', target: 'b' },
          { guard: { type: 'isSmall', params: { below: 5 } }, actions: ['count', 'tell', 'count'] },
        ],
        again: { target: 'a', reenter: true, actions: 'count' },
      },
    },
    b: {
      entry: ['count', 'tell', 'forget'],
      exit: { type: 'note', params: { as: 'out of b' } },
      on: { go: { target: 'a' }, jump: { guard: { type: 'isSmall', params: { below: 2 } }, target: 'end' } },
    },
    end: { type: 'final', entry: 'tell' },
  },
}) as AnyStateMachine;

const events = fc.constantFrom<Event['type']>('go', 'stay', 'jump', 'again', 'never');
const contexts = fc.record({
  count: fc.nat({ max: 6 }),
  seen: fc.array(fc.string({ maxLength: 2 }), { maxLength: 3 }),
});

test('the table comes to what XState comes to, in every state and for every event', () => {
  fc.assert(
    fc.property(fc.constantFrom('a', 'b'), contexts, events, (state, context, type) => {
      expectSameTransition(machine, state, context, { type });
    }),
  );
});

test('a machine begins as XState begins it', () => {
  const [snapshot, actions] = initialTransition(machine, { count: 2 });
  const begun = pureBeginning(machine, { count: 2 });
  expect(begun).toMatchObject({ state: snapshot.value, context: snapshot.context });
  expect(begun.actions.map(({ type }) => type)).toEqual(actions.map(({ type }) => type));
});

test('a context that is written as it was is the very same context', () => {
  const context: Counter = { count: 9, seen: [] };
  const next = pureTransition(machine, 'a', context, { type: 'go' });
  expect(next.state).toBe('a');
  expect(next.context).toBe(context);
});

test('a chart that is more than flat is refused', () => {
  const refused = (config: Parameters<typeof createMachine>[0]): (() => unknown) => {
    return () => transitionTableOf(createMachine({ id: 'odd', initial: 'a', ...config } as never));
  };
  const delayed = { after: { 1000: 'a' } };
  expect(refused({ states: { a: { initial: 'b', states: { b: {} } } } })).toThrow('type compound');
  expect(refused({ states: { a: { always: 'b' }, b: {} } })).toThrow('transitions without an event');
  expect(refused({ states: { a: { invoke: { src: 'actor' } } } })).toThrow('invoked actors');
  expect(refused({ states: { a: delayed } })).toThrow('delays');
  expect(refused({ states: { a: { on: { '*': 'a' } } } })).toThrow('wildcards');
  expect(refused({ states: { a: { on: { go: { guard: () => true } } } } })).toThrow('by their names');
  expect(refused({ states: { a: { entry: 'unheard' } } })).toThrow('implements unheard');
});
