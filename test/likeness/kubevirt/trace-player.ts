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
      const trouble = stage.apply(step);
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

/**
 * One step for each recorded value. Statuses and phases must be the same in the same order: what comes after the first that is
 * not counts as not reached. Of a condition each value counts for itself.
 */
function compared(recorded: Histories, world: Histories): readonly Miss[] {
  return [...recorded].flatMap(([subject, values]) => {
    const got = world.get(subject) ?? [];
    const condition = subject.split(' ')[1];
    const whose = subject.split('/')[0] ?? '';
    const step = (index: number): string => `${subject}: ${values.slice(0, index + 1).join(' > ')}`;
    if (condition !== undefined) {
      return missedOf(values, got).map((index) => {
        const value = values[index] ?? '';
        return {
          step: step(index),
          rule: `${whose} ${condition} ${value}`,
          recorded: value,
          world: got.join(' > '),
        };
      });
    }
    const rule = `${whose} ${whose === 'vm' ? 'printableStatus' : 'phase'}`;
    const same = alike(values, got);
    return values.slice(same).map((recordedValue, index) => ({
      step: step(same + index),
      rule,
      recorded: recordedValue,
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

/**
 * Places of the recorded values that are not in the longest common sequence. The world may pass values that a busy machine
 * skipped: two changes, one write.
 */
function missedOf(recorded: readonly string[], world: readonly string[]): readonly number[] {
  const longest = Array.from({ length: recorded.length + 1 }, () => world.map(() => 0).concat(0));
  for (let i = recorded.length - 1; i >= 0; i--) {
    for (let j = world.length - 1; j >= 0; j--) {
      longest[i]![j] =
        recorded[i] === world[j] ? longest[i + 1]![j + 1]! + 1 : Math.max(longest[i + 1]![j]!, longest[i]![j + 1]!);
    }
  }
  const missed: number[] = [];
  for (let i = 0, j = 0; i < recorded.length; ) {
    if (j < world.length && recorded[i] === world[j]) {
      i++;
      j++;
    } else if (j < world.length && longest[i]![j + 1]! >= longest[i + 1]![j]!) j++;
    else missed.push(i++);
  }
  return missed;
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
