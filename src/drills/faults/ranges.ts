import fc from 'fast-check';
import { second } from '../../model/instant.ts';
import { stageQuorumSite, stageSites } from '../stage-sites.ts';
import { type AnswerFault, hostKinds } from '../tape.ts';
import { between, duration, type Fields, maybe, type Need, only, oneOf, type Range } from './knob.ts';

/** Any kind of host. */
export const anyHost: Range = oneOf(...hostKinds);

/** One of the first requests of a host, which are about as many as it needs for a failover. */
export const nthRequest: Range = { ...between(1, 100_000), draw: () => fc.integer({ min: 1, max: 60 }) };

const durations = maybe(duration(second, 4 * second, 12 * second, 40 * second, 130 * second));

/** How long something stays broken; until everything is mended when it is left out. `forGood` is drawn with a core only. */
export const lasts: Range = {
  ...durations,
  text: `${durations.text} or forGood`,
  accepts: (value) => value === 'forGood' || durations.accepts(value),
};

/** One of the two sites with VMs. */
export const dataSite: Range = oneOf(...stageSites);

/** Any site. */
export const anySite: Range = {
  ...oneOf(...stageSites, stageQuorumSite),
  draw: ({ quorumSite }) => fc.constantFrom(...stageSites, ...(quorumSite ? [stageQuorumSite] : [])),
};

/** A VM of any group. */
export const anyVm: Range = {
  text: 'a VM',
  accepts: (value) => typeof value === 'string' && value.startsWith('vm-'),
  draw: ({ virtualMachines }) => fc.integer({ min: 1, max: virtualMachines }).map((n) => `vm-${n}`),
};

/** A node of one of the two sites with VMs. */
export const anyNode: Range = {
  text: 'a node',
  accepts: (value) => typeof value === 'string' && stageSites.some((site) => value.startsWith(`${site}-node-`)),
  draw: ({ nodes }) =>
    fc
      .tuple(fc.constantFrom(...stageSites), fc.integer({ min: 1, max: nodes }))
      .map(([name, n]) => `${name}-node-${n}`),
};

/** The moment at which the first operation has come to one of these states. */
export function atState(...states: readonly string[]): Range {
  return {
    text: `away is ${states.join(' or ')}`,
    accepts: (value) => states.includes((value as { readonly state?: string } | undefined)?.state ?? ''),
    draw: () =>
      fc.record({
        operation: fc.constant('away'),
        state: fc.constantFrom(...states),
        after: fc.constantFrom(0, 50, second, 3 * second),
      }),
  };
}

const operationStates = [
  'preflight',
  'stoppingSource',
  'awaitingRelease',
  'removingTaints',
  'startingTarget',
  'monitoringStartup',
  'rollingBack',
  'succeeded',
];

/** Before, during and after an operation: by the clock, or on the edge of one of its steps. */
export const anyMoment: Range = {
  text: 'any moment',
  accepts: (value) => typeof value === 'object',
  draw: () =>
    fc.oneof(
      fc.integer({ min: 0, max: 90_000 }).map((at) => ({ at })),
      fc.record({
        operation: fc.constant('away'),
        state: fc.constantFrom(...operationStates),
        after: fc.constantFrom(0, 0, 50, 3 * second, 20 * second),
      }),
    ),
};

/** The item of a fault that begins at any moment and may be mended after a while. */
export function broken(kind: string | Range, order: Fields = {}, when: Range | Fields = anyMoment): Fields {
  return { kind: only('fault'), fault: { kind: typeof kind === 'string' ? only(kind) : kind, ...order }, when, lasts };
}

/** The item of an answer that any host may get. */
export function answered(...faults: readonly AnswerFault[]): Fields {
  return { kind: only('answer'), host: anyHost, nth: nthRequest, fault: oneOf(...faults) };
}

/** The same, for requests of one kind. */
export function answeredOf(of: Fields, ...faults: readonly AnswerFault[]): Fields {
  return { ...answered(...faults), of };
}

/** A third site with a tiebreaker, so that there is a quorum to lose. */
export const tiebreakerAtThirdSite: Need = {
  text: 'a tiebreaker on the quorum site',
  holds: ({ storage }) => storage?.tiebreaker === stageQuorumSite && storage.quorum !== 'off',
};

/** Any site, or the desk at which pgctl runs. */
export const anyPlace: Range = {
  ...oneOf(...stageSites, stageQuorumSite, 'operator'),
  draw: (topology) => fc.oneof(anySite.draw(topology), fc.constant('operator')),
};

/** Times of a short disturbance and of a long one. */
export const shortly: Range = duration(second, 4 * second, 12 * second);
export const long: Range = duration(20 * second, 60 * second, 120 * second);
