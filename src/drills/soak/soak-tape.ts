import { second } from '../../model/instant.ts';
import { pageTimeouts } from '../../twin/planned-run.ts';
import { stageSites } from '../stage-sites.ts';
import type { Tape, TapeItem, TapeTopology } from '../tape.ts';

/** What a soak is made of. */
export interface SoakSettings {
  readonly seed: number;
  readonly topology: TapeTopology;
  /** Failovers and failbacks, one after the other. */
  readonly operations: number;
}

/**
 * A life of a group in one world: it goes to the other site and comes back, again and again, each time half a minute after it has
 * arrived. Every fifth operation meets something that it gets over: its pgctl dies and a controller finishes it, a controller
 * dies, an answer is lost, the quorum taint comes back, a link is down for a moment.
 */
export function soakTape({ seed, topology, operations }: SoakSettings): Tape {
  const items = Array.from({ length: operations }, (_, index) => [orderOf(index), ...troubleOf(index)]);
  return { seed, topology, timeouts: pageTimeouts, items: items.flat() };
}

function nameOf(index: number): string {
  return `move-${index + 1}`;
}

function orderOf(index: number): TapeItem {
  const [first, other] = stageSites;
  const when =
    index === 0 ? { at: 5 * second } : { operation: nameOf(index - 1), state: 'succeeded', after: 30 * second };
  return { kind: 'failover', name: nameOf(index), to: index % 2 === 0 ? other : first, when };
}

/** About as many changing requests of pgctl belong to one operation, and of the Protection Group Controllers. */
const changesOfDriver = 40;
const changesOfGroups = 16;

function troubleOf(index: number): readonly TapeItem[] {
  const [first, other] = stageSites;
  const target = index % 2 === 0 ? other : first;
  const during = (state: string) => ({ operation: nameOf(index), state });
  switch (index % 25) {
    case 4:
      return [{ kind: 'crash', host: 'pgctl', nth: changesOfDriver * index + 20, moment: 'after' }];
    case 9:
      return [
        {
          kind: 'fault',
          fault: { kind: 'taint-flap', site: target },
          when: during('stoppingSource'),
          lasts: 20 * second,
        },
      ];
    case 14:
      return [
        { kind: 'crash', host: 'protection-group-controller', nth: changesOfGroups * index + 5, moment: 'before' },
      ];
    case 19:
      return [{ kind: 'answer', host: 'pgctl', nth: changesOfDriver * index + 10, fault: 'appliedAndLost' }];
    case 24:
      return [
        {
          kind: 'fault',
          fault: { kind: 'link-cut', plane: 'drbd' },
          when: during('monitoringStartup'),
          lasts: 4 * second,
        },
      ];
    default:
      return [];
  }
}
