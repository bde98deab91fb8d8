import { unreachable } from '../../model/assert.ts';
import { againCommand } from '../../machines/recovery/verdicts.ts';
import type { RecoveryStep } from '../../machines/recovery/context.ts';
import type { RecoveryProgress } from '../../machines/recovery/operation-view.ts';
import { type Instant, timestamp } from '../../model/instant.ts';
import type { OperationVerdict, StepView } from '../../model/projection.ts';
import { type Comparison, comparisonStatus } from '../../model/recovery/comparison.ts';
import { replacedSite, type RecoveryRequest } from '../../model/recovery/recovery-request.ts';
import type { ProgressTexts } from '../progress-printer.ts';

/** One line of a recovery's progress. A line is printed once: the key tells whether it has been. */
interface ProgressLine {
  readonly key: string;
  readonly text: string;
}

/** How far a recovery is, for people. */
export const recoveryTexts: ProgressTexts<RecoveryProgress> = {
  progressLines: (earlier, view) => {
    const printed = new Set(earlier === undefined ? [] : linesOf(earlier).map(({ key }) => key));
    return linesOf(view).flatMap(({ key, text }) => (printed.has(key) ? [] : [text]));
  },
  activityOf: ({ verdict, steps, request }) => {
    if (verdict !== undefined) return undefined;
    const running = steps.find(({ state }) => state === 'running');
    return running === undefined
      ? { doing: 'Preparing', detail: undefined }
      : { doing: stepTexts(running.name, request).title, detail: running.message };
  },
};

/** A recovery as programs read it: times are RFC 3339 texts. */
export function recoveryDocument({
  request,
  startedAt,
  steps,
  comparisons,
  snapshots,
  verdict,
}: RecoveryProgress): unknown {
  const { requestedBy: _, consents: __, ...order } = request;
  return {
    ...order,
    startedAt: timestamp(startedAt),
    steps: steps.map(({ virtualMachines: _none, ...step }) => ({
      ...step,
      ...time('startedAt', step.startedAt),
      ...time('finishedAt', step.finishedAt),
    })),
    volumes: comparisons.map(comparisonStatus),
    snapshots,
    ...(verdict === undefined ? {} : { verdict }),
  };
}

function linesOf(view: RecoveryProgress): readonly ProgressLine[] {
  const lines = view.steps.flatMap((step) => stepLines(step, view));
  return view.verdict === undefined ? lines : [...lines, ...verdictLines(view.verdict, view.request)];
}

function stepLines(step: StepView<RecoveryStep>, view: RecoveryProgress): readonly ProgressLine[] {
  if (step.startedAt === undefined) return [];
  const { title, done, failed } = stepTexts(step.name, view.request);
  const line = (key: string, text: string): ProgressLine => ({ key: `${step.name}/${key}`, text });
  const isSaidAtTheEnd = view.verdict !== undefined && 'reason' in view.verdict && view.verdict.reason === step.message;
  return [
    line('title', `▶ ${title}`),
    ...memberLines(step, view).map(([key, text]) => line(key, text)),
    ...(step.state === 'done' && done !== undefined ? [line('done', `✓ ${done}`)] : []),
    ...(step.state === 'failed'
      ? [line('failed', `✗ ${failed}${step.message === undefined || isSaidAtTheEnd ? '' : `: ${step.message}`}`)]
      : []),
  ];
}

/** What a step has come to for each volume. */
function memberLines(
  { name, state }: StepView<RecoveryStep>,
  { comparisons, snapshots }: RecoveryProgress,
): readonly (readonly [key: string, text: string])[] {
  switch (name) {
    case 'snapshot':
      return state === 'done'
        ? snapshots.map((each) => [each.resource, `  ✓ ${each.resource} on ${each.nodes.join(', ')}: ${each.name}`])
        : [];
    case 'reunite':
      return [];
    case 'compare':
      return comparisons.flatMap((each) =>
        each.finishedAt === undefined || each.result === 'Repaired'
          ? []
          : [[keyOf(each), comparisonLine(each)] as const],
      );
    case 'repair':
      return comparisons.flatMap((each) =>
        each.result === 'Repaired' ? [[keyOf(each), comparisonLine(each)] as const] : [],
      );
    default:
      return unreachable(name);
  }
}

function comparisonLine({ resource, node, peer, result, differingKib, message }: Comparison): string {
  const mark = result === 'Equal' || result === 'Repaired' ? '✓' : result === 'Different' ? '✗' : '⚠';
  const amount = result === 'Different' ? ` by ${differingKib} KiB` : '';
  const why = message === undefined ? '' : ` (${message})`;
  return `  ${mark} ${resource} on ${node} and ${peer}: ${result}${amount}${why}`;
}

function keyOf({ resource, node, peer, finishedAt }: Comparison): string {
  return `${resource}/${node}/${peer}/${finishedAt}`;
}

interface StepTexts {
  readonly title: string;
  readonly done?: string;
  readonly failed: string;
}

function stepTexts(name: RecoveryStep, request: RecoveryRequest): StepTexts {
  const site = replacedSite(request) ?? '';
  const texts: Readonly<Record<RecoveryStep, StepTexts>> = {
    snapshot: { title: `Keeping what ${site} gives up in snapshots`, failed: 'Snapshots not taken' },
    reunite: {
      title: `Bringing the copies of ${request.group} together: ${request.survivor} survives`,
      done: 'Copies connected and in sync',
      failed: 'Copies not together',
    },
    compare: { title: `Comparing the copies of ${request.group}`, failed: 'Copies not found to be the same' },
    repair: { title: `Replacing the blocks that differ on ${site}`, failed: 'Blocks not replaced' },
  };
  return texts[name];
}

function verdictLines(verdict: OperationVerdict, request: RecoveryRequest): readonly ProgressLine[] {
  const said = 'reason' in verdict ? [`reason: ${verdict.reason}`, `remedy: ${verdict.remedy}`] : [];
  return [verdictTitle(verdict, request), ...said].map((text, index) => ({ key: `verdict/${index}`, text }));
}

function verdictTitle(verdict: OperationVerdict, request: RecoveryRequest): string {
  const { action, group } = request;
  const what = action === 'Resolve' ? 'Recovery' : 'Verify';
  switch (verdict.kind) {
    case 'succeeded':
      return action === 'Resolve'
        ? `✓ The copies of ${group} are together, and the same`
        : `✓ Every copy of ${group} is the same`;
    case 'cancelled':
      return `⚠ ${what} cancelled`;
    case 'needsAttention':
      return `⚠ ${what} needs attention`;
    case 'refused':
      return verdict.because === 'held'
        ? `✗ ${what} refused: another operation holds the group`
        : `✗ ${what} refused: nothing was done`;
    default:
      return `✗ ${what} failed`;
  }
}

/** The lines after Ctrl-C. */
export function leftLines(request: RecoveryRequest): readonly string[] {
  return [
    `⚠ Operation ${request.name} goes on without pgctl: the Failover Controller, or the same command again, finishes it`,
    `remedy: Follow it: ${againCommand({ request })}`,
  ];
}

function time(field: string, at: Instant | undefined): Readonly<Record<string, string>> {
  return at === undefined ? {} : { [field]: timestamp(at) };
}
