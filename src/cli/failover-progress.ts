import { unreachable } from '../model/assert.ts';
import type { OperationVerdict, OperationView, StepName, StepView, VirtualMachineView } from '../model/projection.ts';
import type { Activity } from './progress-printer.ts';

/** One line of an operation's progress. A line is printed once: the key tells whether it has been. */
interface ProgressLine {
  readonly key: string;
  readonly text: string;
}

/**
 * The lines that a view of an operation adds to an earlier view of it; all of them when there is none. Views may be
 * missed between the two: every line that lies between is added.
 */
export function progressLines(earlier: OperationView | undefined, view: OperationView): readonly string[] {
  const printed = new Set(earlier === undefined ? [] : linesOf(earlier).map((line) => line.key));
  return linesOf(view)
    .filter((line) => !printed.has(line.key))
    .map((line) => line.text);
}

/** The activity of an operation; undefined when it has ended. */
export function activityOf(view: OperationView): Activity | undefined {
  if (view.verdict !== undefined) return undefined;
  const running = view.steps.find((step) => step.state === 'running');
  if (running === undefined) return { doing: 'Preparing', detail: undefined };
  const waiting = running.virtualMachines.find((vm) => vm.message !== undefined && vm.state !== 'failed');
  const detail = running.message ?? (waiting === undefined ? undefined : `${waiting.name}: ${waiting.message}`);
  return { doing: stepTexts(running.name, view).doing, detail };
}

/** The confirmation text before a failover that moves this many running VMs. */
export function failoverIntroduction(operation: {
  readonly protectionGroup: string;
  readonly source: string;
  readonly target: string;
  readonly runningVirtualMachines: number;
}): readonly string[] {
  const { protectionGroup, source, target, runningVirtualMachines: count } = operation;
  return [
    '⚠ FAILOVER OPERATION',
    `Protection Group: ${protectionGroup}`,
    `Source: ${source} (${count} ${count === 1 ? 'VM' : 'VMs'} running)`,
    `Target: ${target}`,
    'This will:',
    `1. Stop VMs on ${source}`,
    '2. Wait for DRBD locks to release',
    `3. Start VMs on ${target}`,
  ];
}

function linesOf(view: OperationView): readonly ProgressLine[] {
  const startRequests = startRequestTimes(view);
  const lines = view.steps.flatMap((step) => stepLines(step, view, startRequests));
  return view.verdict === undefined ? lines : [...lines, ...verdictLines(view.verdict, view)];
}

function stepLines(
  step: StepView,
  view: OperationView,
  startRequests: ReadonlyMap<string, number>,
): readonly ProgressLine[] {
  if (step.state === 'pending' || (step.state === 'skipped' && step.startedAt === undefined)) return [];
  const { title, done, failed } = stepTexts(step.name, view);
  const line = (key: string, text: string): ProgressLine => ({ key: `${step.name}/${key}`, text });
  const lines = [line('title', `▶ ${title}`)];
  for (const vm of step.virtualMachines) {
    const text = virtualMachineText(step.name, vm, startRequests.get(vm.name));
    if (text !== undefined) lines.push(line(vm.name, text));
    // In the group's order, so that the same failover reads the same each time; the moving line tells of the rest.
    else if (step.state === 'running') break;
  }
  if (step.state === 'done' && done !== undefined) lines.push(line('done', `✓ ${done}`));
  const isSaidAtTheEnd = view.verdict !== undefined && 'reason' in view.verdict && view.verdict.reason === step.message;
  if (step.state === 'failed')
    lines.push(line('failed', `✗ ${failed}${step.message === undefined || isSaidAtTheEnd ? '' : `: ${step.message}`}`));
  return lines;
}

/** The state in which a VM's line is printed, per step: a VM that has gone further has passed it. */
function virtualMachineText(step: StepName, vm: VirtualMachineView, startedAt: number | undefined): string | undefined {
  if (vm.state === 'failed')
    return `✗ ${vm.name} ${failedWord[step]}${vm.message === undefined ? '' : `: ${vm.message}`}`;
  switch (step) {
    case 'stopSource':
      return vm.state === 'stopped' ? `✓ ${vm.name} stopped` : undefined;
    case 'startTarget':
      return vm.state === 'starting' || vm.state === 'running' ? `✓ ${vm.name} starting...` : undefined;
    case 'monitorStartup':
      return vm.state === 'running' ? `✓ ${vm.name} running${elapsed(startedAt, vm.at)}` : undefined;
    case 'rollBack':
      return vm.state === 'running' ? `✓ ${vm.name} running` : undefined;
    case 'awaitRelease':
    case 'forceVolumes':
    case 'removeTaints':
      return undefined;
    default:
      return unreachable(step);
  }
}

const failedWord: Readonly<Record<StepName, string>> = {
  stopSource: 'did not stop',
  awaitRelease: 'still holds its volumes',
  forceVolumes: 'was not forced',
  removeTaints: 'failed',
  startTarget: 'was not started',
  monitorStartup: 'is not running',
  rollBack: 'did not start again',
};

interface StepTexts {
  readonly title: string;
  /** For the moving line: what goes on. */
  readonly doing: string;
  readonly done?: string;
  readonly failed: string;
}

function stepTexts(name: StepName, view: OperationView): StepTexts {
  const { source, target, drbdWaitSeconds } = view;
  const texts: Readonly<Record<StepName, StepTexts>> = {
    stopSource: {
      title: `Step 1: Stopping VMs on ${source}`,
      doing: `Stopping VMs on ${source}`,
      failed: `VMs are not stopped on ${source}`,
    },
    awaitRelease: {
      title: `Step 2: Waiting for DRBD locks (${drbdWaitSeconds}s)`,
      doing: 'Waiting for DRBD locks',
      done: 'Locks released',
      failed: 'Locks not released',
    },
    forceVolumes: {
      title: `Forcing DRBD on ${target}`,
      doing: `Forcing DRBD on ${target}`,
      done: 'Volumes can be promoted',
      failed: 'Volumes cannot be promoted',
    },
    removeTaints: {
      title: `Step 3: Removing quorum taints on ${target}`,
      doing: `Removing quorum taints on ${target}`,
      done: 'Taints removed',
      failed: 'Taints not removed',
    },
    startTarget: {
      title: `Step 4: Starting VMs on ${target}`,
      doing: `Starting VMs on ${target}`,
      failed: `VMs are not started on ${target}`,
    },
    monitorStartup: {
      title: 'Step 5: Monitoring startup',
      doing: 'Monitoring startup',
      failed: `VMs are not running on ${target}`,
    },
    rollBack: {
      title: `Rolling back: starting VMs on ${source}`,
      doing: `Rolling back to ${source}`,
      failed: `VMs are not running on ${source}`,
    },
  };
  return texts[name];
}

function verdictLines(verdict: OperationVerdict, view: OperationView): readonly ProgressLine[] {
  const texts = [verdictTitle(verdict, view)];
  if (verdict.kind === 'succeeded') texts.push(`All VMs now running on ${view.target}`);
  else texts.push(`reason: ${verdict.reason}`, `remedy: ${verdict.remedy}`);
  return texts.map((text, index) => ({ key: `verdict/${index}`, text }));
}

function verdictTitle(verdict: OperationVerdict, view: OperationView): string {
  switch (verdict.kind) {
    case 'succeeded':
      return '✓ Failover completed successfully!';
    case 'rolledBack':
      return `⚠ Failover rolled back: VMs run on ${view.source} again`;
    case 'cancelled':
      return '⚠ Failover cancelled';
    case 'failed':
      return verdict.because === 'timeout' ? '✗ Failover timed out' : '✗ Failover failed';
    case 'needsAttention':
      return '⚠ Failover needs attention';
    case 'refused':
      return verdict.because === 'held'
        ? '✗ Failover refused: another operation holds the group'
        : '✗ Failover refused';
    default:
      return unreachable(verdict);
  }
}

function startRequestTimes(view: OperationView): ReadonlyMap<string, number> {
  const start = view.steps.find((step) => step.name === 'startTarget');
  const times = new Map<string, number>();
  for (const vm of start?.virtualMachines ?? []) {
    const at = vm.at ?? start?.startedAt;
    if (at !== undefined) times.set(vm.name, at);
  }
  return times;
}

function elapsed(from: number | undefined, to: number | undefined): string {
  return from === undefined || to === undefined ? '' : ` (${Math.max(0, Math.round((to - from) / 1000))}s)`;
}
