import type { MachineRecord } from '../../machines/definition.ts';
import type { Instant, Millis } from '../../model/instant.ts';
import type { JsonObject } from '../../model/json.ts';
import type { ApiRequest, KubeRequest, Outcome } from '../../model/request.ts';
import { isChange, kindOf } from '../interference.ts';
import { Past } from '../past.ts';
import type { Property } from '../properties/property.ts';
import { type RunReport, runTape } from '../run.ts';
import type { Stage } from '../stage.ts';
import { type HostKind, isTimed, type Tape, type TapeItem } from '../tape.ts';
import type { Reference } from './crash-equivalence.ts';
import { type EndState, watchEnd } from './end-state.ts';

/** A changing request that a host has sent, the `nth` of its kind of host. */
export interface Effect {
  readonly host: HostKind;
  readonly nth: number;
  readonly hostId: string;
  readonly request: KubeRequest;
  readonly at: Millis;
}

/** A look of a host at the sites, the `nth` of its kind of host, with all that the host decides by. */
export interface Look {
  readonly host: HostKind;
  readonly nth: number;
  readonly hostId: string;
  readonly record: MachineRecord<unknown>;
  readonly requests: readonly ApiRequest[];
  readonly outcomes: readonly Outcome[];
  /** When the sites answered, after the beginning. */
  readonly at: Millis;
  /** When the host hears the answers, by its clock. */
  readonly heardAt: Instant;
}

/** The run of a scenario by itself, with all that something can be done to. */
export interface ReferenceRun extends Reference {
  readonly report: RunReport;
  readonly effects: readonly Effect[];
  readonly looks: readonly Look[];
  readonly past: Past;
  /** World time at the beginning of the run. */
  readonly begin: Millis;
}

/** Plays a tape without its probes, and the calm runs that say how a group at rest looks on each site. */
export function playReference(tape: Tape, definitions: readonly JsonObject[]): ReferenceRun {
  const rests = calmOrders(tape).map((items) => recorded({ ...tape, items }, definitions).end);
  const isInterrupted = tape.items.some((item) => isTimed(item) && item.kind !== 'failover');
  return { ...recorded(withoutProbes(tape), definitions), isInterrupted, rests };
}

/** The tape without what the sweep has added. */
export function withoutProbes(tape: Tape): Tape {
  return { ...tape, items: tape.items.filter((item) => !('probe' in item)) };
}

/** Every group goes to the other site, and stays there or comes back. */
function calmOrders({ topology: { groups = 1 } }: Tape): readonly (readonly TapeItem[])[] {
  const names = Array.from({ length: groups }, (_, index) => (index === 0 ? 'pg' : `pg-${index + 1}`));
  const away = names.map(
    (group): TapeItem => ({ kind: 'failover', name: `${group}-away`, to: 'cluster2', group, when: { at: 5_000 } }),
  );
  const back = names.map((group): TapeItem => {
    const when = { operation: `${group}-away`, state: 'succeeded', after: 30_000 };
    return { kind: 'failover', name: `${group}-back`, to: 'cluster1', group, when };
  });
  return [away, [...away, ...back]];
}

function recorded(tape: Tape, definitions: readonly JsonObject[]): Omit<ReferenceRun, 'rests' | 'isInterrupted'> {
  let recording: Recording | undefined;
  const recorder: Property = {
    id: 'recorder',
    name: 'Recorder',
    says: 'Judges nothing.',
    watch: (stage) => {
      recording = record(stage);
      return undefined;
    },
  };
  const report = runTape(tape, definitions, undefined, [recorder]);
  if (recording === undefined || report.verdict === 'unknown')
    throw new Error('A reference run was cut off before it came to rest');
  const { end, ...kept } = recording;
  return { ...kept, report, end: end() };
}

interface Recording extends Pick<ReferenceRun, 'effects' | 'looks' | 'past' | 'begin'> {
  readonly end: () => EndState;
}

function record(stage: Stage): Recording {
  const { hosts, sites, world } = stage.twin;
  const begin = world.now;
  const effects: Effect[] = [];
  const looks: Look[] = [];
  const looked = new Map<HostKind, number>();
  hosts.onExchange(({ hostId, requests, outcomes, heardIn }) => {
    const host = kindOf(hostId);
    const at = world.now - begin;
    const [first] = requests;
    if (first !== undefined && isChange(first)) {
      const nth = effects.filter((effect) => effect.host === host).length + 1;
      effects.push({ host, nth, hostId, request: first, at });
      return;
    }
    const nth = (looked.get(host) ?? 0) + 1;
    looked.set(host, nth);
    const machine = hosts.get(hostId)?.record;
    if (machine !== undefined)
      looks.push({ host, nth, hostId, record: machine, requests, outcomes, at, heardAt: world.wall() + heardIn });
  });
  const past = new Past(
    world,
    sites.map(({ name }) => name),
  );
  return { begin, effects, looks, past, end: watchEnd(stage) };
}
