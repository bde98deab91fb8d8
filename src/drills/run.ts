import { isUnfinished } from '../model/failover.ts';
import { type Millis, minute } from '../model/instant.ts';
import type { JsonObject } from '../model/json.ts';
import { resources } from '../model/kube.ts';
import { productMachines, type TwinMachines } from '../twin/machines.ts';
import { probeOf } from './coverage/machine-probe.ts';
import { CoverageWatch, type RunCoverage } from './coverage/run-coverage.ts';
import { FiredFaults } from './faults/fired-faults.ts';
import { interfere } from './interference.ts';
import { Judgement, type Verdict } from './judgement.ts';
import { watchMarks } from './marks/catalogue.ts';
import { faultOfMark } from './marks/fault-marks.ts';
import { Performance } from './performance.ts';
import { properties } from './properties/catalogue.ts';
import type { Property } from './properties/property.ts';
import { RecordKeeper, type TimelineEntry, type Violation } from './record-keeper.ts';
import { watchShownGroups } from './shown-groups.ts';
import { setStage, type Stage, stageNamespace } from './stage.ts';
import { stageSites } from './stage-sites.ts';
import type { Tape } from './tape.ts';

export interface RunReport {
  /** `unknown`: the run was cut off before everything had come to rest. */
  readonly verdict: Verdict;
  /** The verdict of each property, by its id. */
  readonly properties: Readonly<Record<string, Verdict>>;
  readonly violations: readonly Violation[];
  readonly timeline: readonly TimelineEntry[];
  readonly marks: ReadonlySet<string>;
  readonly coverage: RunCoverage;
  /** The same for the same tape, to the last bit. */
  readonly digest: string;
  /** World time that the run took. */
  readonly simulated: Millis;
  readonly events: number;
}

/** Looks on at a run from its beginning, and answers how to ask whether it has seen enough: then the run ends there. */
export type Onlooker = (stage: Stage, keeper: RecordKeeper) => () => boolean;

/** Has seen enough where a property breaks; without one, where any does. */
export function untilBroken(property?: string): Onlooker {
  const isSought = (violation: Violation): boolean => property === undefined || violation.property === property;
  return (_stage, { violations }) =>
    () =>
      violations.some(isSought);
}

/** After everything is mended the group has this long to come to rest. */
const healingTime = 15 * minute;
/** What the comparison of a volume takes at DRBD's pace, with some to spare. */
const volumeTime = 3 * minute;
/** Time for back-offs and resyncs to run out; nobody may write any more at its end. */
const calmTime = 8 * minute;
/** Events after which a run is given up, for up to twenty orders and for as many more: many times what any run needs. */
const eventLimit = 300_000;
const ordersInLimit = 20;

/**
 * Plays a tape and judges it. Throws when the world itself breaks, which no tape may bring about. With `machines` other
 * machines than the product's are judged; `also` are judges of this run beside those of every run; an onlooker may end it.
 */
export function runTape(
  tape: Tape,
  definitions: readonly JsonObject[],
  machines: TwinMachines = productMachines,
  also: readonly Property[] = [],
  onlooker?: Onlooker,
): RunReport {
  const probe = probeOf(machines);
  const stage = setStage(tape, definitions, probe.machines);
  probe.listener = (step) => stage.onStep.tell(step);
  const { world } = stage.twin;
  const begin = world.now;
  const eventsBefore = world.handled;
  const keeper = new RecordKeeper(() => world.now - begin);
  const judgement = new Judgement([...properties, ...also], stage, keeper);
  const coverage = watchCoverage(stage, keeper);
  watchMarks(stage, keeper);
  watchShownGroups(stage, (mark) => keeper.mark(mark));
  const fired = new FiredFaults(tape, (mark) => keeper.mark(mark));
  const mendRequests = interfere(stage, keeper, fired);
  const performance = new Performance(stage, keeper, fired);
  const hasSeenEnough = onlooker?.(stage, keeper);
  const orders = tape.items.filter(({ kind }) => kind === 'failover' || kind === 'recovery').length;
  const eventsMax = eventLimit * Math.max(1, orders / ordersInLimit);
  const isOver = (): boolean => world.handled - eventsBefore > eventsMax || hasSeenEnough?.() === true;

  const { failoverSeconds, vmStartSeconds } = tape.timeouts;
  const patience = (failoverSeconds + 2 * vmStartSeconds) * 1_000 + minute;
  const isQuiet = (): boolean => performance.isPlayed && operationsHaveEnded(stage);
  // An order may wait for the end of another: patience begins anew with each.
  const lastBeginning = (): Millis => Math.max(begin + performance.lastItemAt, performance.lastOrderAt);
  runUntil(stage, isOver, isQuiet, () => lastBeginning() + patience);
  if (!isOver()) {
    performance.mendEverything();
    mendRequests();
    judgement.mended();
  }
  const mendedAt = world.now;
  runUntil(stage, isOver, isQuiet, () => mendedAt + healingTime + comparingTime(tape));
  const calmAt = world.now;
  runUntil(
    stage,
    isOver,
    () => false,
    () => calmAt + calmTime,
  );
  probe.listener = undefined;
  const rested = !isOver();
  if (rested) judgement.rested(keeper.timeline);
  const verdict = keeper.violations.length > 0 ? 'fail' : rested ? 'pass' : 'unknown';
  const { violations, timeline, marks, digest } = keeper;
  return {
    verdict,
    properties: judgement.verdicts(rested),
    violations,
    timeline,
    marks,
    coverage,
    digest,
    simulated: world.now - begin,
    events: world.handled - eventsBefore,
  };
}

/** How long the recoveries of a tape may compare volumes, one after the other: each reads two whole disks. */
function comparingTime({ items, topology }: Tape): Millis {
  const recoveries = items.filter(({ kind }) => kind === 'recovery').length;
  return recoveries * topology.virtualMachines * volumeTime;
}

function watchCoverage({ twin, faults, onStep }: Stage, keeper: RecordKeeper): RunCoverage {
  const coverage = new CoverageWatch(
    twin,
    (mark) => keeper.mark(mark),
    () => faults.list(),
  );
  onStep.add((step) => coverage.step(step));
  keeper.onMark = (mark) => {
    const fault = faultOfMark(mark);
    if (fault !== undefined) coverage.fault(fault);
  };
  return coverage;
}

function runUntil({ twin }: Stage, isOver: () => boolean, isDone: () => boolean, limit: () => Millis): void {
  const { world } = twin;
  let seen = -1;
  while (!isOver()) {
    const version = stageSites.reduce((sum, site) => sum + world.cluster(site).api.version, 0);
    if (version !== seen && isDone()) return;
    seen = version;
    const next = world.nextAt();
    if (next === undefined || next > limit()) break;
    world.step();
  }
  if (!isOver()) world.runUntil(limit());
}

/** True when no operation is under way, whoever drives it. */
function operationsHaveEnded({ twin }: Stage): boolean {
  return stageSites.every((site) =>
    twin.world
      .cluster(site)
      .api.list(resources.failover, stageNamespace)
      .concat(twin.world.cluster(site).api.list(resources.recovery, stageNamespace))
      .every((operation) => !isUnfinished(operation)),
  );
}
