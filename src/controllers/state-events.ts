import type { MachineDefinition } from '../machines/definition.ts';
import type { Happening } from './event-recorder.ts';

/** States that a person should know of. */
const worrying: ReadonlySet<string> = new Set([
  'stuck',
  'superseded',
  'rollingBack',
  'rolledBack',
  'refused',
  'failed',
  'needsAttention',
]);

/** That a machine has come into a state, in the words of its chart. */
export function stateHappening<Context, View>(
  { machine }: Pick<MachineDefinition<Context, View>, 'machine'>,
  state: string,
): Happening {
  const description = machine.states[state]?.description ?? state;
  return {
    type: worrying.has(state) ? 'Warning' : 'Normal',
    reason: state.charAt(0).toUpperCase() + state.slice(1),
    message: description,
  };
}
