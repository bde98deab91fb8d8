import { second } from '../../model/instant.ts';
import type { Twin } from '../twin.ts';
import type { WireTrouble } from '../wires.ts';
import { amountOf, type FaultKind, type FaultOrder, placeOf } from './fault.ts';

/** Watches tell of changes late. */
export const newsLate: FaultKind = newsFault(
  'news-late',
  'the hosts of a place hear of changes so many milliseconds late; several that come meanwhile are heard as one',
  ({ by }) => `hears of changes ${by} ms late`,
  (order) => [amountOf(order)],
);

/** Watches tell nothing, and nobody notices. */
export const newsLost: FaultKind = newsFault(
  'news-lost',
  'the hosts of a place hear of no changes, with their watches open',
  () => 'hears of no changes',
  () => [],
);

/** Watches tell of each change again. */
export const newsDoubled: FaultKind = newsFault(
  'news-doubled',
  'the hosts of a place hear of each change a second time, a second later',
  () => 'hears of each change twice',
  () => [0, second],
);

function newsFault(
  kind: string,
  about: string,
  says: (order: FaultOrder) => string,
  delays: (order: FaultOrder) => readonly number[],
): FaultKind {
  return {
    kind,
    about,
    options: ['--site CLUSTER'],
    prepare: (twin: Twin, order) => {
      const place = placeOf(twin, order.site);
      const told = delays(order);
      const trouble: WireTrouble = { news: (of) => (of === place ? told : [0]) };
      return {
        says: `${place} ${says(order)}`,
        breaks: [],
        act: () => twin.hosts.wires.add(trouble),
        heal: () => twin.hosts.wires.remove(trouble),
      };
    },
  };
}
