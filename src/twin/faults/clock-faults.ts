import { amountOf, type FaultKind, placeOf } from './fault.ts';

/** A clock is off. */
export const clockWrong: FaultKind = {
  kind: 'clock-wrong',
  about:
    "the clock of a site, or of the operator's desk, is off by so many milliseconds, at once; negative: it is slow",
  options: ['--site CLUSTER|operator', '--by MILLISECONDS'],
  prepare: (twin, order) => {
    const place = placeOf(twin, order.site);
    const offset = amountOf(order);
    const { clocks } = twin.world;
    return {
      says: `the clock of ${place} is ${offset < 0 ? 'slow' : 'fast'} by ${Math.abs(offset)} ms`,
      breaks: [`clock of ${place}`],
      act: () => clocks.set(place, { offset, partsPerMillion: 0, since: twin.world.now }),
      heal: () => clocks.correct(place),
    };
  },
};

/** A clock runs at the wrong speed. */
export const clockDrifts: FaultKind = {
  kind: 'clock-drifts',
  about:
    "the clock of a site, or of the operator's desk, gains so many milliseconds in a thousand seconds; negative: it loses",
  options: ['--site CLUSTER|operator', '--by PARTS_PER_MILLION'],
  prepare: (twin, order) => {
    const place = placeOf(twin, order.site);
    const partsPerMillion = amountOf(order);
    const { clocks } = twin.world;
    return {
      says: `the clock of ${place} drifts by ${partsPerMillion} in a million`,
      breaks: [`clock of ${place}`],
      act: () => clocks.set(place, { offset: 0, partsPerMillion, since: twin.world.now }),
      heal: () => clocks.correct(place),
    };
  },
};
