import { expect } from 'vitest';
import { type AnyStateMachine, type EventObject, transition } from 'xstate';
import { pureTransition } from '../../src/machines/pure-transition.ts';

/** Our transition and XState's own come to the same state, the same context and the same actions, each in its context. */
export function expectSameTransition(
  machine: AnyStateMachine,
  state: string,
  context: object,
  event: EventObject,
): void {
  const ours = pureTransition(machine, state, context, event);
  const [snapshot, actions] = transition(machine, machine.resolveState({ value: state, context }), event);
  const theirs = {
    state: snapshot.value,
    context: snapshot.context,
    actions: actions.map(({ type, info }) => ({ type, context: (info as { readonly context: object }).context })),
  };
  expect(ours).toEqual(theirs);
}
