import { requestLabel } from '../../runtime/trace.ts';
import type { TapeItem } from '../tape.ts';
import type { Plan } from './plan.ts';
import type { Effect, ReferenceRun } from './reference-run.ts';

/**
 * What can go wrong with every effect of every host: its host dies before it is sent, or after it was applied; or the host
 * goes on and never hears whether it was applied, when it was and when it was not.
 */
export function effectPlans({ effects }: ReferenceRun, items: readonly TapeItem[]): readonly Plan[] {
  return effects
    .filter((effect) => !isHitAlready(effect, items))
    .flatMap((effect): readonly Plan[] => {
      const { host, nth, request } = effect;
      const about = `${effect.hostId}, change ${nth} (${requestLabel(request)})`;
      return [
        { kind: 'diesBefore', about, item: { kind: 'crash', host, nth, moment: 'before', probe: true } },
        { kind: 'diesAfter', about, item: { kind: 'crash', host, nth, moment: 'after', probe: true } },
        { kind: 'answerLost', about, item: { kind: 'answer', host, nth, fault: 'appliedAndLost', probe: true } },
        { kind: 'requestLost', about, item: { kind: 'answer', host, nth, fault: 'lost', probe: true } },
      ];
    });
}

function isHitAlready({ host, nth }: Effect, items: readonly TapeItem[]): boolean {
  return items.some(
    (item) => (item.kind === 'crash' || item.kind === 'answer') && item.host === host && item.nth === nth,
  );
}
