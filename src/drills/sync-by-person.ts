import { answerTo, syncStepsOf } from '../twin/protect.ts';
import { groupNamed, type Stage, stageNamespace } from './stage.ts';
import { otherSite } from './stage-sites.ts';

/** What came of a sync: `blocked` when it was not begun. */
export interface SyncByPerson {
  readonly kind: 'done' | 'blocked' | 'failed';
  /** What was done, or why nothing or no more was, for people. */
  readonly says: string;
}

/** A person runs `pgctl sync` for the VMs of a group, from one site to the other: it stops at the first request that fails. */
export function syncByPerson(stage: Stage, name: string, source: string): SyncByPerson {
  const { twin } = stage;
  const virtualMachines = groupNamed(stage, name).members;
  const order = { namespace: stageNamespace, group: name, source, target: otherSite(source), virtualMachines };
  const steps = syncStepsOf(twin, order);
  const obstacle = steps.find(({ action }) => action === 'blocked')?.finding;
  if (obstacle !== undefined) return { kind: 'blocked', says: `${obstacle.what} (${obstacle.why})` };
  const done: string[] = [];
  for (const { kind, name: object, action, request } of steps) {
    if (request === undefined) continue;
    const outcome = answerTo(twin, request);
    if (outcome.kind !== 'applied') return { kind: 'failed', says: `${kind} ${object}: ${outcome.message}` };
    done.push(`${action} ${kind} ${object}`);
  }
  return { kind: 'done', says: done.length === 0 ? 'nothing to do' : done.join(', ') };
}
