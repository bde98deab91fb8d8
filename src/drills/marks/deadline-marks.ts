import { second } from '../../model/instant.ts';
import type { FailoverContext, FailoverDeadlines } from '../../machines/failover/context.ts';
import { failoverMachine } from '../../machines/failover/machine.ts';
import { deadlineStates } from '../properties/total-machine.ts';
import type { MarkFamily } from './mark.ts';

/** A look of a host later it would have been too late. */
const narrowly = 10 * second;

const awaited = Object.keys(deadlineStates).filter((name) => name !== 'leaseRenewal');

/** Each deadline of an operation, both ways. */
export const deadlineMarks: MarkFamily = {
  title: 'Deadlines',
  marks: awaited.flatMap((name) => [
    {
      id: `deadline ${name} expired`,
      says: `The deadline ${name} passes, and something is done about it.`,
      reach: 'random' as const,
    },
    {
      id: `deadline ${name} beaten narrowly`,
      says: `What ${name} is for comes about less than ten seconds before it.`,
      reach: 'random' as const,
    },
  ]),
  watch: ({ onStep }, mark) => {
    onStep.add(({ before, fact, after, branch }) => {
      if (after.machine !== failoverMachine.id || branch === undefined) return;
      if (fact.type === 'deadlinePassed' && awaited.includes(fact.deadline)) mark(`deadline ${fact.deadline} expired`);
      if (fact.type !== 'observed' || after.state === before.state || isSetback(after.state)) return;
      const { deadlines } = before.context as FailoverContext;
      for (const name of awaited) {
        const at = deadlines[name as keyof FailoverDeadlines];
        const isNear = at !== undefined && at > fact.now && at - fact.now < narrowly;
        if (isNear && deadlineStates[name]?.includes(before.state)) mark(`deadline ${name} beaten narrowly`);
      }
    });
  },
};

const setbacks: ReadonlySet<string> = new Set([
  'rollingBack',
  'refused',
  'failed',
  'cancelled',
  'superseded',
  'needsAttention',
]);

function isSetback(state: string): boolean {
  return setbacks.has(state);
}
