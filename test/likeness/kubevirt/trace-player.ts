import { listAt, textAt } from '../../../src/model/json.ts';
import { resources } from '../../../src/model/kube.ts';
import type { Miss, Player } from '../played.ts';
import { append, recordedHistories, type Histories, traceOf } from './trace.ts';
import { TraceStage } from './trace-stage.ts';

/** Life cycles of VMs: the same steps, then the same statuses, phases and conditions in the same order. */
export const tracePlayer: Player = {
  files: /^kubevirt\/traces\/[^/]+\.json$/,
  play: (recording) => {
    const trace = traceOf(recording);
    const stage = new TraceStage(trace);
    const misses: Miss[] = [];
    trace.steps.forEach((step, index) => {
      const trouble = stage.apply(step, trace.steps[index + 1]);
      if (trouble === undefined) return;
      const rule = `step ${step.action
        .replaceAll(/[\w-]*\d[\w-]*|\{.*|#.*/g, '')
        .replaceAll(/\s+/g, ' ')
        .trim()}`;
      misses.push({ step: `${index}: ${step.actor}: ${step.action}`, rule, ...trouble });
    });
    const end = trace.objects.at(-1)?.t_ms ?? 0;
    stage.runUntil(end + 3000);
    const recorded = recordedHistories(trace);
    misses.push(...compared(recorded, worldHistories(stage)));
    const changes = [...recorded.values()].reduce((sum, values) => sum + values.length, 0);
    return { total: trace.steps.length + changes, misses };
  },
};

/** One step for each recorded value: explained as far as the world went through the same ones in the same order. */
function compared(recorded: Histories, world: Histories): readonly Miss[] {
  return [...recorded].flatMap(([subject, values]) => {
    const got = world.get(subject) ?? [];
    const same = subject.includes(' ') ? inOrder(values, got) : alike(values, got);
    const what = subject.split(' ')[1] ?? (subject.startsWith('vm/') ? 'printableStatus' : 'phase');
    const rule = `${subject.split('/')[0]} ${what}`;
    return values.slice(same).map((value, index) => ({
      step: `${subject}: ${values.slice(0, same + index + 1).join(' > ')}`,
      rule,
      recorded: value,
      world: index === 0 ? got.join(' > ') : 'not reached',
    }));
  });
}

/** How many values are the same from the start. */
function alike(recorded: readonly string[], world: readonly string[]): number {
  let same = 0;
  while (same < recorded.length && recorded[same] === world[same]) same++;
  return same;
}

/** How many come in the same order. A condition may pass values that a busy machine skipped: two changes, one write. */
function inOrder(recorded: readonly string[], world: readonly string[]): number {
  let same = 0;
  for (const value of world) if (recorded[same] === value) same++;
  return same;
}

function worldHistories(stage: TraceStage): Histories {
  const found = new Map<string, string[]>();
  for (const { change } of stage.lab.changes) {
    const isVm = change.resource.plural === resources.virtualMachine.plural;
    if (!isVm && change.resource.plural !== resources.virtualMachineInstance.plural) continue;
    const { object, type } = change;
    const subject = `${isVm ? 'vm' : 'vmi'}/${object.metadata.name}`;
    const value = textAt(object, 'status', isVm ? 'printableStatus' : 'phase');
    if (type === 'DELETED') append(found, subject, 'DELETED');
    else if (value !== undefined) {
      const isGoing = !isVm && object.metadata.deletionTimestamp !== undefined;
      append(found, subject, isGoing ? `${value} (deletionTimestamp)` : value);
    }
    for (const condition of listAt(object, 'status', 'conditions')) {
      const reason = textAt(condition, 'reason');
      const state = `${textAt(condition, 'status')}${reason === undefined ? '' : `:${reason}`}`;
      append(found, `${subject} ${textAt(condition, 'type')}`, state);
    }
  }
  return found;
}
