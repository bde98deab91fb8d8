import { setup } from 'xstate';
import { allOthersTold, copyRequests, type HistoryView, removalRequests } from '../../model/operation-copies.ts';
import type { Fact } from '../definition.ts';
import type { HistoryContext } from './context.ts';

interface Args {
  readonly event: Fact<HistoryView>;
}

const effect = (): void => undefined;

/** Keeps one group's ended operations known on every site. Level-triggered: each observation is placed by the same table. */
export const historyMachine = setup({
  types: {
    context: {} as HistoryContext,
    events: {} as Fact<HistoryView>,
    input: {} as HistoryContext,
  },
  guards: {
    cannotTell: ({ event }) => event.type === 'observed' && !event.view.own.known,
    hasWork: (args) => hasWork(args),
    isWaitedFor: ({ event }) => event.type === 'observed' && !allOthersTold(event.view),
    isKept: ({ event }) => event.type === 'observed',
  },
  actions: { copyOperations: effect, removeOldest: effect },
}).createMachine({
  id: 'history',
  initial: 'unknown',
  context: ({ input }) => input,
  on: {
    observed: [
      { guard: 'cannotTell', target: '.unknown' },
      { guard: 'hasWork', target: '.behind', actions: ['copyOperations', 'removeOldest'] },
      { guard: 'isWaitedFor', target: '.behind' },
      { guard: 'isKept', target: '.kept' },
    ],
  },
  states: {
    unknown: { description: 'The operations of the group could not be read here' },
    behind: { description: 'A site lacks what it is to hold, holds too much, or has not answered' },
    kept: { description: 'Every site holds what it is to hold' },
  },
});

function hasWork({ event }: Args): boolean {
  if (event.type !== 'observed') return false;
  return copyRequests(event.view).length + removalRequests(event.view).length > 0;
}
