import type { MachineDefinition, MachineRecord } from '../machines/definition.ts';
import type { PassResult } from './pass.ts';

/** A pass that would have broken a promise, and was not carried out. */
export interface Breach {
  readonly machine: string;
  /** The state that the pass began in. */
  readonly state: string;
  /** Id of the property, as in the documents. */
  readonly property: string;
  readonly what: string;
}

/**
 * What a pass would break if it were carried out; undefined when it keeps every rule. Hosts ask before they store or send
 * anything. A pass that breaks a rule is dropped whole, record and effects: a decision that is wrong in one thing is not to
 * be trusted in the others. The host looks again, as after a record that could not be stored; safety comes before progress.
 */
export function breachOf<Context, View>(
  { id, safetyRules, machine }: MachineDefinition<Context, View>,
  before: MachineRecord<Context>,
  { record, effects, look }: PassResult<Context, View>,
): Breach | undefined {
  const breach = (property: string, what: string): Breach => ({ machine: id, state: before.state, property, what });
  if (machine.states[record.state] === undefined) return breach('S16', `there is no state ${record.state}`);
  const intent = { before, after: record, effects, observation: look.observation };
  for (const { property, brokenBy } of safetyRules) {
    const what = brokenBy(intent);
    if (what !== undefined) return breach(property, what);
  }
  return undefined;
}
