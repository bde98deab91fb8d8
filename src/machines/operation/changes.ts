import { type ActionFunction, assign } from 'xstate';
import type { Instant } from '../../model/instant.ts';
import type { Fact } from '../definition.ts';

type Change<Context, View> = (context: Context, fact: Fact<View>) => Partial<Context>;
type ObservedChange<Context, View> = (context: Context, view: View, now: Instant) => Partial<Context>;
type Assignment<Context extends object, View> = ActionFunction<
  Context,
  Fact<View>,
  Fact<View>,
  undefined,
  never,
  never,
  never,
  never,
  never
>;

/** Makes the named changes of a machine's context: by any fact (`on`), or by an observation alone (`onObserved`). */
export function changesOf<Context extends object, View>(): {
  readonly on: (change: Change<Context, View>) => Assignment<Context, View>;
  readonly onObserved: (change: ObservedChange<Context, View>) => Assignment<Context, View>;
} {
  const on = (change: Change<Context, View>): Assignment<Context, View> =>
    assign<Context, Fact<View>, undefined, Fact<View>, never>(({ context, event }) => change(context, event));
  return {
    on,
    onObserved: (change) =>
      on((context, fact) => (fact.type === 'observed' ? change(context, fact.view, fact.now) : {})),
  };
}
