import type { Tape, TapeItem } from '../tape.ts';

/** Faults in the world that leave hosts, sites and the ways between them alone. */
const harmless: ReadonlySet<string> = new Set([
  'vm-stuck',
  'opener-stuck',
  'pv-missing',
  'image-missing',
  'taint-flap',
]);

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
