import type { SiteName } from '../../model/site.ts';
import type { Stage } from '../stage.ts';
import type { Tape, TapeItem } from '../tape.ts';

/** Faults in the world that leave hosts, sites and the ways between them alone. */
const harmless: ReadonlySet<string> = new Set([
  'vm-stuck',
  'opener-stuck',
  'pv-missing',
  'image-missing',
  'taint-flap',
]);

/** True for what shows hosts an object as it was at some earlier time. */
export function showsThePast(item: TapeItem): boolean {
  return item.kind === 'past' || item.kind === 'hidden' || showsAllThePast(item);
}

/** True for what shows all hosts a site as it was at some earlier time: what they have seen may be of any age then, or nothing. */
export function showsAllThePast(item: TapeItem): boolean {
  return item.kind === 'fault' && item.fault.kind === 'reads-stale';
}

/**
 * True for what makes a cluster forget the guests of a node that works: with the Node object go its pods and attachments, and
 * nothing in the API tells of them any more. What DRBD says still counts.
 */
export function forgetsGuests(item: TapeItem): boolean {
  return item.kind === 'fault' && item.fault.kind === 'node-deleted';
}

/** True for what makes changes arrive long after they were decided. */
export function holdsRequestsUp(item: TapeItem): boolean {
  return item.kind === 'fault' && (item.fault.kind === 'api-slow' || item.fault.kind === 'api-clogged');
}

/** Faults by which the API server of a site takes nothing from those who would tell what has changed. */
const muting: ReadonlySet<string> = new Set([
  'api-clogged',
  'api-outage',
  'api-refuses',
  'site-loss',
  'type-missing',
  'writes-fail',
  'writes-stall',
]);

/** True while what a site shows stays as it is, whatever its controllers would say. */
export function isMute({ faults }: Stage, site: SiteName): boolean {
  return faults.orders().some((order) => order.site === site && muting.has(order.kind));
}

/** True when nothing of a tape troubles a host, a site or a way to it, besides items of the given kinds. */
export function isUndisturbed({ items }: Tape, besides: readonly TapeItem['kind'][] = []): boolean {
  return items.every((item) => {
    // Who dies again and again never gets anywhere.
    if ('times' in item && (item.times ?? 1) > 1) return false;
    if (besides.includes(item.kind)) return true;
    if (item.kind === 'fault') return harmless.has(item.fault.kind);
    return item.kind === 'failover' || item.kind === 'cancel';
  });
}
