import type { ApiRequest, Outcome } from '../../src/model/request.ts';
import type { Clock, Driver } from '../../src/runtime/ports.ts';
import type { Twin } from '../../src/twin/twin.ts';

/** What a live host is given in place of the world: a twin, whose time moves while the host waits for an answer or sleeps. */
export function livePorts(
  { world }: Twin,
  answerInstead: (order: ApiRequest) => Outcome | undefined = () => undefined,
): { readonly driver: Driver; readonly clock: Clock } {
  return {
    clock: {
      now: () => world.wall(),
      sleepUntil: async (at) => world.runUntil(Math.max(world.now, world.worldTimeOf(at))),
    },
    driver: {
      perform: async (order): Promise<Outcome> => {
        world.runUntil(world.now + 1);
        const outcome = answerInstead(order) ?? world.perform(order, 'operator');
        return outcome.kind === 'hang' ? { kind: 'unknown', reason: 'timeout', message: 'no answer' } : outcome;
      },
      close: async () => undefined,
    },
  };
}
