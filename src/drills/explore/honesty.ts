import {
  aheadIn,
  at,
  cell,
  type Cells,
  column,
  columnOf,
  executes,
  has,
  isConnected,
  primaryIn,
  sites,
  stage,
  stageIn,
  trouble,
} from './cells.ts';
import type { DriverFacts } from './driver-states.ts';
import type { Gathering } from './moves/move.ts';
import { type DriverProcess, processes } from './processes.ts';
import { virtualMachinesIn } from './safety.ts';
import { orders } from './scenery.ts';
import type { SmallWorld } from './small-world.ts';

/** What a process concludes from a look. */
export interface Conclusion {
  readonly process: number;
  readonly from: DriverFacts;
  readonly to: DriverFacts;
  /** A deadline has passed by then. */
  readonly isLate: boolean;
  /** It hears of what its operation's object and the target's Lease say. */
  readonly reachesTarget: boolean;
}

/** Judges what a process concludes from a look, by what is so at that moment. */
export function judgeConclusion(to: Gathering, world: SmallWorld, conclusion: Conclusion): void {
  const { process, from, to: after } = conclusion;
  const { operation, name } = processes[process] as DriverProcess;
  const { source, target } = directionOf(operation);
  if (from.state !== after.state) {
    const wrong = (proofs[after.state] ?? []).find((proof) => !proof.isSo(to.from, world, source, target));
    if (wrong !== undefined && isProven(from.state, after.state))
      to.breaks(wrong.property, `${name} goes from ${from.state} to ${after.state}, and ${wrong.lacks}`);
    judgePatience(to, world, conclusion);
  }
  if (!after.orders || !conclusion.reachesTarget) return;
  if (world.facts(at(to.from, cell.leases + target)).holder !== process)
    to.breaks('S25', `${name} orders while it does not hold the Lease on ${sites[target]}`);
}

/** Something that has to be so when a state is entered by the way there. */
interface Proof {
  readonly property: string;
  readonly lacks: string;
  readonly isSo: (cells: Cells, world: SmallWorld, source: number, target: number) => boolean;
}

/** The source of an operation that has turned back. */
const sourceRuns: Proof = {
  property: 'S22',
  lacks: 'the source does not run',
  isSo: (cells, _world, source) => runs(cells, source),
};

const proofs: Readonly<Record<string, readonly Proof[]>> = {
  awaitingRelease: [
    {
      property: 'S22',
      lacks: 'something of a VM is left on the source',
      isSo: (cells, _world, source) => standsStill(cells, source),
    },
  ],
  removingTaints: [
    {
      property: 'S22',
      lacks: 'a volume is Primary on the source',
      isSo: (cells, _world, source) => isReleased(cells, source),
    },
    { property: 'S22', lacks: 'the target lacks data', isSo: (cells) => isInSync(cells) },
  ],
  startingTarget: [
    {
      property: 'S22',
      lacks: 'a quorum taint is left',
      isSo: (cells, _world, _source, target) => !has(cells, trouble.tainted(target)),
    },
  ],
  monitoringStartup: [
    {
      property: 'S22',
      lacks: 'the target is not told to run',
      isSo: (cells, world, _source, target) => world.facts(at(cells, cell.groups + target)).wantsToRun,
    },
  ],
  succeeded: [
    {
      property: 'S21',
      lacks: 'a VM does not execute on the target',
      isSo: (cells, _world, _source, target) => runs(cells, target),
    },
    {
      property: 'S21',
      lacks: 'a VM executes on the source',
      isSo: (cells, _world, source) => !executesAny(cells, source),
    },
  ],
  rolledBack: [sourceRuns],
  cancelled: [sourceRuns],
};

const wayThere = [
  'preflight',
  'stoppingSource',
  'awaitingRelease',
  'removingTaints',
  'startingTarget',
  'monitoringStartup',
  'succeeded',
];
const turns: ReadonlySet<string> = new Set(['rollingBack', 'failed', 'needsAttention', 'cancelled']);

function isProven(from: string, to: string): boolean {
  return to === 'cancelled' ? from === 'rollingBack' : to === 'rolledBack' || isForward(from, to);
}

function isForward(from: string, to: string): boolean {
  // Who takes an operation over finds itself in the state that the journal says: nothing is concluded by that.
  return from !== 'acquiringLease' && wayThere.indexOf(to) > wayThere.indexOf(from);
}

function judgePatience(
  to: Gathering,
  world: SmallWorld,
  { process, from, to: after, isLate, reachesTarget }: Conclusion,
): void {
  const { operation, name } = processes[process] as DriverProcess;
  const { cancelled } = world.facts(at(to.from, cell.operations + operation));
  const isResumed = from.state === 'acquiringLease' && after.state === 'rollingBack';
  if (turns.has(after.state) && !isResumed && !cancelled && (after.state === 'cancelled' || !isLate))
    to.breaks(
      'L11',
      `${name} goes from ${from.state} to ${after.state}; no time limit is over, and nobody has given it up`,
    );
  const early = wayThere.indexOf('startingTarget');
  const goesOn =
    isForward(from.state, after.state) && wayThere.indexOf(after.state) <= early && after.state !== 'rolledBack';
  if (cancelled && reachesTarget && goesOn)
    to.breaks('L14', `${name} goes from ${from.state} to ${after.state}, although it was given up`);
}

function directionOf(operation: number): { readonly source: number; readonly target: number } {
  const order = orders[operation];
  return { source: sites.indexOf(order?.source ?? ''), target: sites.indexOf(order?.target ?? '') };
}

function guestsOf(cells: Cells): readonly number[] {
  return Array.from({ length: virtualMachinesIn(cells) }, (_, index) => at(cells, columnOf(index) + column.guests));
}

function standsStill(cells: Cells, site: number): boolean {
  return guestsOf(cells).every((guests) => stageIn(guests, site) === stage.off);
}

function runs(cells: Cells, site: number): boolean {
  return (
    !has(cells, trouble.nodeLost(site)) && guestsOf(cells).every((guests) => stageIn(guests, site) === stage.executing)
  );
}

function executesAny(cells: Cells, site: number): boolean {
  return guestsOf(cells).some((_guests, index) => executes(cells, index, site));
}

function isReleased(cells: Cells, site: number): boolean {
  return guestsOf(cells).every((guests) => (primaryIn(guests) & (1 << site)) === 0);
}

function isInSync(cells: Cells): boolean {
  return guestsOf(cells).every((guests) => isConnected(cells, guests) && aheadIn(guests) === 0);
}
