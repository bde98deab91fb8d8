import { targetHasRoomForAll } from '../../model/checks/target-room.ts';
import type { Finding } from '../../model/findings.ts';
import { findingLines, type ShownCheck, shownChecks } from '../check-text.ts';
import { tableLines } from '../table.ts';
import type { SiteFailoverOrder } from './order.ts';
import { goes, type Move, type SiteFailoverPlan, type Turn } from './plan.ts';
import { type GroupResult, hasArrived, type ResultKind } from './result.ts';

/** What is said of a plan, beside what is said of any. */
export interface PlanTexts<One extends Turn> {
  readonly source: string;
  /** A group that goes. */
  readonly going: (one: One) => readonly string[];
  readonly notes: readonly string[];
  readonly steps: readonly string[];
}

/** Everything that an order will do, what it cannot do and why, before anything is done. */
export function planLines<One extends Turn>(
  { target, waves }: SiteFailoverPlan<One>,
  { parallel, continueOnFailure }: SiteFailoverOrder,
  { source, going, notes, steps }: PlanTexts<One>,
): readonly string[] {
  const turns = waves.flatMap((wave) => wave.moves);
  const stuck = turns.filter(({ standing }) => standing.kind === 'cannot');
  const there = turns.filter(({ standing }) => standing.kind === 'alreadyThere').map(({ label }) => label);
  const count = turns.filter(goes).length;
  return [
    `Protection Groups: ${count} of ${turns.length}, at most ${parallel} at the same time`,
    `Source: ${source}`,
    `Target: ${target}`,
    ...waves.flatMap((wave) => {
      const members = wave.moves.filter(goes);
      return members.length === 0 ? [] : [`Wave ${wave.number}:`, ...members.flatMap((one) => goingLines(one, going))];
    }),
    ...(there.length === 0 ? [] : [`Already on ${target}: ${there.join(', ')}`]),
    ...(stuck.length === 0 ? [] : ['Cannot go:', ...stuck.flatMap(stuckLines)]),
    ...notes,
    ...(continueOnFailure ? [] : heldWaveLines(waves)),
    ...(count === 0 ? [] : ['For each of them this will:', ...steps.map((step, index) => `${index + 1}. ${step}`)]),
  ];
}

/** What is said of a planned failover. */
export function plannedTexts(
  { source, target, waves }: SiteFailoverPlan<Move>,
  { withoutRoom }: SiteFailoverOrder,
): PlanTexts<Move> {
  return {
    source,
    going: plannedLines,
    notes: roomLines(
      waves.flatMap(({ moves }) => moves.filter(goes)),
      withoutRoom,
    ),
    steps: [`Stop VMs on ${source}`, 'Wait for DRBD locks to release', `Start VMs on ${target}`],
  };
}

function goingLines<One extends Turn>(one: One, going: (one: One) => readonly string[]): readonly string[] {
  const { label, standing } = one;
  return standing.kind === 'underWay'
    ? [`  ${label} (continues operation ${standing.operation.object.metadata.name})`]
    : going(one);
}

function plannedLines({ label, plan }: Move): readonly string[] {
  const count = plan.runningVirtualMachines;
  const warnings = plan.checks.flatMap(({ findings }) => findings.flatMap(findingLines));
  return [`  ${label} (${count} ${count === 1 ? 'VM' : 'VMs'} running)`, ...warnings.map((line) => `  ${line}`)];
}

/** Each group finds room alone, and all of them together may not: those that come last will be refused then, unless nodes are expected. */
function roomLines(going: readonly Move[], withoutRoom: boolean): readonly string[] {
  const views = going.map(({ plan }) => plan.view);
  const isShort = ({ id }: Finding): boolean => id === 'NoRoom' || id === 'RoomTight' || id === 'RoomByPreemption';
  return targetHasRoomForAll(views, withoutRoom)
    .filter(isShort)
    .flatMap((finding) => findingLines({ ...finding, severity: 'warning' }))
    .map((line) => line.slice(2));
}

function stuckLines({ label, group, namespace, standing }: Turn): readonly string[] {
  if (standing.kind !== 'cannot') return [];
  const { message, reason, remedy } = standing.error;
  return [
    `  ✗ ${label === group ? message : `${namespace}: ${message}`}`,
    ...(reason === undefined ? [] : [`    reason: ${reason}`]),
    ...(remedy === undefined ? [] : [`    remedy: ${remedy}`]),
  ];
}

/** A group that cannot go holds the waves behind it: said before the person agrees. */
function heldWaveLines(waves: SiteFailoverPlan['waves']): readonly string[] {
  const first = waves.findIndex(({ moves }) => moves.some(({ standing }) => standing.kind === 'cannot'));
  const held = first < 0 ? [] : waves.slice(first + 1).filter(({ moves }) => moves.some(goes));
  if (held.length === 0) return [];
  const numbers = held.map(({ number }) => number).join(', ');
  return [
    `⚠ Not all of wave ${waves[first]?.number} can go, so wave ${numbers} will not begin`,
    '  remedy: Remove the cause first, or begin them all the same: --continue-on-failure',
  ];
}

/** The checks of a group as a dry run documents them. */
export function shownMoveChecks({ plan }: Move): readonly ShownCheck[] {
  return shownChecks(plan.checks, plan.view.target, plan.view);
}

/** A line of one group's progress: `✓ prod-vm-1 stopped` as `✓ db-pg: prod-vm-1 stopped`. */
export function groupLine(group: string, line: string): string {
  const [, mark, text] = /^([▶✓⚠✗]) (.*)$/s.exec(line) ?? [];
  return mark === undefined ? `  ${group}: ${line}` : `${mark} ${group}: ${text}`;
}

/** What became of each group, in a table, and of the whole. `everywhere`: groups of all namespaces. */
export function summaryLines(results: readonly GroupResult[], target: string, everywhere: boolean): readonly string[] {
  const arrived = results.filter(hasArrived).length;
  const place = everywhere ? ['NAMESPACE'] : [];
  const rows = results.map(({ namespace, group, wave, result, reason = '' }) => [
    ...place.map(() => namespace),
    group,
    `${wave}`,
    resultWords[result],
    reason,
  ]);
  const total = `${arrived} of ${results.length} protection groups run on ${target}`;
  return [
    ...tableLines([...place, 'NAME', 'WAVE', 'RESULT', 'REASON'], rows),
    ...(arrived === results.length
      ? [`✓ ${total}`]
      : [
          `✗ ${total}`,
          'remedy: Remove the causes, and run the same command again: it moves only what is not there yet',
        ]),
  ];
}

const resultWords: Readonly<Record<ResultKind, string>> = {
  moved: 'Moved',
  alreadyThere: 'Already there',
  notBegun: 'Not begun',
  left: 'Goes on',
  error: 'Failed',
  notReady: 'Not ready',
  held: 'Held',
  timedOut: 'Timed out',
  rolledBack: 'Rolled back',
  cancelled: 'Cancelled',
  needsAttention: 'Needs attention',
};
