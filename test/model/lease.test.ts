import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { second } from '../../src/model/instant.ts';
import {
  heldSpec,
  leaseDuration,
  type LeaseReading,
  leaseReadingOf,
  leaseRenewal,
  type LeaseSighting,
  mayTake,
  newLease,
  sight,
} from '../../src/model/lease.ts';

const start = 1_767_225_600_000;
const held = (holder: string, at = start): LeaseReading => leaseReadingOf(newLease('pg', 'default', holder, at));

describe('a Lease', () => {
  test('that is free, or our own, may be taken at once', () => {
    expect(mayTake(undefined, undefined, 'a', start)).toBe(true);
    expect(mayTake({ ...held('b'), holder: undefined }, undefined, 'a', start)).toBe(true);
    expect(mayTake(held('a'), undefined, 'a', start)).toBe(true);
  });

  test('of another is not taken before it has stood still for its duration on our own clock', () => {
    const lease = held('b', start - 1000 * leaseDuration);
    expect(mayTake(lease, undefined, 'a', start)).toBe(false);
    const sighting = sight(lease, undefined, start);
    expect(mayTake(lease, sighting, 'a', start + leaseDuration - 1)).toBe(false);
    expect(mayTake(lease, sighting, 'a', start + leaseDuration)).toBe(true);
  });

  test('that was renewed, or changed hands, since it was sighted is not taken', () => {
    const sighting = sight(held('b'), undefined, start);
    const later = start + 10 * leaseDuration;
    expect(mayTake(held('b', start + 1), sighting, 'a', later)).toBe(false);
    expect(mayTake(held('c'), sighting, 'a', later)).toBe(false);
  });

  test('keeps its sighting while nothing changes, and starts a new one when something does', () => {
    const first = sight(held('b'), undefined, start);
    expect(sight(held('b'), first, start + second)).toBe(first);
    expect(sight(held('b', start + 1), first, start + second)).toMatchObject({ since: start + second });
    expect(sight({ ...held('b'), holder: undefined }, first, start)).toBeUndefined();
  });

  test('with an empty holder is free', () => {
    const object = newLease('pg', 'default', '', start);
    expect(leaseReadingOf(object).holder).toBeUndefined();
  });

  test('is renewed often enough to survive one renewal that is lost', () => {
    expect(2 * leaseRenewal + 4 * second).toBeLessThan(leaseDuration);
  });
});

describe('two holders of different clocks', () => {
  /** What a process does at one moment. Clocks differ by an offset; both run at the pace of time. */
  const moments = fc.array(
    fc.record({ wait: fc.integer({ min: 0, max: 20 * second }), who: fc.constantFrom(0, 1), alive: fc.boolean() }),
    { minLength: 5, maxLength: 60 },
  );

  test('take a Lease from each other only after it has stood still for its whole duration', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: -1000 * second, max: 1000 * second }), (steps, skew) => {
        let time = start;
        let lease: (LeaseReading & { readonly renewedAt: number }) | undefined;
        const sightings: (LeaseSighting | undefined)[] = [undefined, undefined];
        const clock = (who: number): number => (who === 0 ? time : time + skew);
        const write = (who: number, transitions: number): void => {
          const object = {
            ...newLease('pg', 'default', '', time),
            spec: heldSpec(nameOf(who), clock(who), transitions),
          };
          lease = { ...leaseReadingOf(object), resourceVersion: String(time), renewedAt: time };
        };
        for (const { wait, who, alive } of steps) {
          time += wait + 1;
          const seen = lease;
          sightings[who] = sight(seen, sightings[who], clock(who));
          if (seen?.holder === nameOf(who)) {
            if (alive) write(who, seen.transitions);
          } else if (mayTake(seen, sightings[who], nameOf(who), clock(who))) {
            // Taken from a living holder: only if it had not renewed for the whole duration.
            if (seen?.holder !== undefined) expect(time - seen.renewedAt).toBeGreaterThanOrEqual(leaseDuration);
            write(who, (seen?.transitions ?? -1) + 1);
          }
        }
      }),
    );
  });

  test('a holder that renews in time is never succeeded, however often the other looks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: leaseRenewal }), { maxLength: 80 }),
        fc.integer({ min: -1000 * second, max: 1000 * second }),
        (waits, skew) => {
          let time = start;
          let renewedAt = start;
          let sighting: LeaseSighting | undefined;
          for (const wait of waits) {
            time += wait;
            if (time - renewedAt >= leaseRenewal) renewedAt = time;
            const lease = held('keeper', renewedAt);
            sighting = sight(lease, sighting, time + skew);
            expect(mayTake(lease, sighting, 'other', time + skew)).toBe(false);
          }
        },
      ),
    );
  });
});

function nameOf(who: number): string {
  return who === 0 ? 'a' : 'b';
}
