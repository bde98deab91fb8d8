import { targetHasRoomForAll } from '../../model/checks/target-room.ts';
import type { Finding } from '../../model/findings.ts';
import { findingLines, type ShownCheck, shownChecks } from '../check-text.ts';
import { tableLines } from '../table.ts';
import type { SiteFailoverOrder } from './order.ts';
import { goes, type Move, type SiteFailoverPlan } from './plan.ts';
import { type GroupResult, hasArrived, type ResultKind } from './result.ts';

/** Everything that an order will do, what it cannot do and why, before anything is done. */
export function planLines(
  { source, target, waves }: SiteFailoverPlan,
  { parallel, continueOnFailure }: SiteFailoverOrder,
): readonly string[] {
  const moves = waves.flatMap((wave) => wave.moves);
  const going = moves.filter(goes);
  const stuck = moves.filter(({ standing }) => standing.kind === 'cannot');
  const there = moves.filter(({ standing }) => standing.kind === 'alreadyThere').map(({ group }) => group);
  const steps = [`Stop VMs on ${source}`, 'Wait for DRBD locks to release', `Start VMs on ${target}`];
  return [
    `Protection Groups: ${going.length} of ${moves.length}, at most ${parallel} at the same time`,
    `Source: ${source}`,
    `Target: ${target}`,
    ...waves.flatMap((wave) => {
      const members = wave.moves.filter(goes);
      return members.length === 0 ? [] : [`Wave ${wave.number}:`, ...members.flatMap(goingLines)];
    }),
    ...(there.length === 0 ? [] : [`Already on ${target}: ${there.join(', ')}`]),
    ...(stuck.length === 0 ? [] : ['Cannot go:', ...stuck.flatMap(stuckLines)]),
    ...roomLines(going),
    ...(continueOnFailure ? [] : heldWaveLines(waves)),
    ...(going.length === 0
      ? []
      : ['For each of them this will:', ...steps.map((step, index) => `${index + 1}. ${step}`)]),
  ];
}

function goingLines({ group, plan, standing }: Move): readonly string[] {
  if (standing.kind === 'underWay')
    return [`  ${group} (continues operation ${standing.operation.object.metadata.name})`];
  const count = plan.runningVirtualMachines;
  const warnings = plan.checks.flatMap(({ findings }) => findings.flatMap(findingLines));
  return [`  ${group} (${count} ${count === 1 ? 'VM' : 'VMs'} running)`, ...warnings.map((line) => `  ${line}`)];
}

/** Each group finds room alone, and all of them together may not: those that come last will be refused then. */
function roomLines(going: readonly Move[]): readonly string[] {
  const views = going.map(({ plan }) => plan.view);
  const isShort = ({ id }: Finding): boolean => id === 'NoRoom' || id === 'RoomTight' || id === 'RoomByPreemption';
  return targetHasRoomForAll(views)
    .filter(isShort)
    .flatMap((finding) => findingLines({ ...finding, severity: 'warning' }))
    .map((line) => line.slice(2));
}

function stuckLines({ standing }: Move): readonly string[] {
  if (standing.kind !== 'cannot') return [];
  const { message, reason, remedy } = standing.error;
  return [
    `  ✗ ${message}`,
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

/** What became of each group, in a table, and of the whole. */
export function summaryLines(results: readonly GroupResult[], target: string): readonly string[] {
  const arrived = results.filter(hasArrived).length;
  const rows = results.map(({ group, wave, result, reason = '' }) => [group, `${wave}`, resultWords[result], reason]);
  const total = `${arrived} of ${results.length} protection groups run on ${target}`;
  return [
    ...tableLines(['NAME', 'WAVE', 'RESULT', 'REASON'], rows),
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
