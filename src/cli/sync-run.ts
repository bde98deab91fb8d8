import type { Finding } from '../model/findings.ts';
import type { SyncAction, SyncStep } from '../model/sync-plan.ts';
import type { Driver } from '../runtime/ports.ts';
import { findingLines } from './check-text.ts';
import { CommandError } from './command-error.ts';

/** What became of a sync: the steps that were done, and the lines that say so. */
export interface SyncReport {
  readonly done: readonly SyncStep[];
  readonly warnings: readonly Finding[];
}

/**
 * Carries a plan out, in its order, and stops at the first step that fails: what comes after may need it. A plan with a
 * blocked step is not begun. Throws a CommandError that names the object; nothing is skipped in silence.
 */
export async function runSync(
  steps: readonly SyncStep[],
  driver: Driver,
  print: (lines: readonly string[]) => void,
): Promise<SyncReport> {
  refuseBlocked(steps, print);
  for (const [index, step] of steps.entries()) {
    if (step.request !== undefined) {
      const outcome = await driver.perform(step.request);
      if (outcome.kind !== 'applied') throw stepFailed(step, outcome.message, outcome.kind, steps.slice(index + 1));
    }
    print([stepLine(step), ...(step.finding === undefined ? [] : findingLines(step.finding))]);
  }
  return { done: steps, warnings: steps.flatMap((step) => step.finding ?? []) };
}

/** Throws when any step of a plan is blocked, after all of them were printed. */
function refuseBlocked(steps: readonly SyncStep[], print: (lines: readonly string[]) => void): void {
  const blockers = steps.flatMap((step) =>
    step.action === 'blocked' && step.finding !== undefined ? [step.finding] : [],
  );
  const [first] = blockers;
  if (first === undefined) return;
  print(blockers.flatMap((finding) => findingLines(finding).map((line) => line.replace(/^ {2}/, ''))));
  throw new CommandError('The definitions cannot be synced', {
    reason: blockers.map((finding) => `${finding.what} (${finding.why})`).join('; '),
    remedy: first.remedy,
    exit: 'notReady',
  });
}

const shortKinds: Readonly<Record<string, string>> = {
  VirtualMachine: 'VM',
  PersistentVolumeClaim: 'PVC',
  PersistentVolume: 'PV',
};

/** `PVC data-1` as people write it. */
export function objectLabel(step: Pick<SyncStep, 'kind' | 'name'>): string {
  return `${shortKinds[step.kind] ?? step.kind} ${step.name}`;
}

function stepLine(step: SyncStep): string {
  const words: Readonly<Record<SyncAction, string>> = {
    create: `created on ${step.site}`,
    update: `updated on ${step.site} (${step.details.join(', ')})`,
    repair: `repaired on ${step.site} (${step.details.join(', ')})`,
    retain: `set to reclaim policy Retain on ${step.site} (${step.details.join(', ')})`,
    unchanged: `up to date on ${step.site}`,
    blocked: 'blocked',
  };
  return `✓ ${objectLabel(step)} ${words[step.action]}`;
}

function stepFailed(
  step: SyncStep,
  message: string,
  kind: 'refused' | 'unknown',
  rest: readonly SyncStep[],
): CommandError {
  const left = rest.filter((later) => later.request !== undefined).map(objectLabel);
  const notDone = left.length === 0 ? '' : `; not done after it: ${left.join(', ')}`;
  const what = kind === 'unknown' ? 'may not have been synced' : 'was not synced';
  return new CommandError(`${objectLabel(step)} ${what} to ${step.site}`, {
    reason: `${message}${notDone}`,
    remedy: 'Remove the cause and run the same command again: it goes on with what is left',
  });
}
