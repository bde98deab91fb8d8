import { flagAt, numberAt, textAt } from '../../model/json.ts';
import { type Instant, instantOf, type Millis, minute, second } from '../../model/instant.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import { placeOf } from '../interference.ts';
import { type Stage, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import { isUndisturbed } from './disturbance.ts';
import { onJournalWrite, stepOf } from './operation-writes.ts';
import type { Judge, Property } from './property.ts';

/** Statuses tell times in whole seconds. */
const rounding: Millis = second;

/** Nobody gives up early. */
export const patience: Property = {
  id: 'L11',
  name: 'Patience',
  says: 'An operation turns back, fails or asks for a person only when a time limit of the step that it is in is over, unless a person has given it up.',
  watch: (stage, judge) => {
    const ends = new Set(['rollingBack', 'failed', 'needsAttention']);
    onJournalWrite(stage, ({ host, operation, before, after }) => {
      if (after === undefined || after === before || !ends.has(after) || flagAt(operation, 'spec', 'cancel') === true)
        return;
      // A pass may go through two states: what was begun too late turns back at once.
      const limits = limitsOf(operation, before === 'preflight' ? 'stoppingSource' : before);
      // By the clock of its host, which may be wrong: there is no other that it could go by.
      const now = stage.twin.world.wallAt(placeOf(host));
      const isOver = limits.some((limit) => now >= limit - rounding);
      judge.check(
        isOver,
        () => `${operation.metadata.name} goes from ${before} to ${after}, and no time limit of it is over`,
      );
    });
    return undefined;
  },
};

/** How long an operation may go on beyond a limit: until it looks next, or until somebody takes it over who has not died as well. */
function latenessIn({ tape: { items } }: Stage): Millis {
  const deaths = items.filter(({ kind }) => kind === 'crash').length;
  return Math.max(1, deaths) * minute;
}

/** Nobody waits for ever. */
export const punctuality: Property = {
  id: 'L12',
  name: 'Punctuality',
  says: 'Where no site and no way to it is troubled, no operation stays in a step for a minute longer than the time limits of the step allow, or for as many minutes as drivers die.',
  watch: (stage, judge) => {
    if (!isUndisturbed(stage.tape, ['crash'])) return undefined;
    onJournalWrite(stage, ({ operation, before, after }) => {
      if (before !== after) judgeStay(stage, operation, before, judge);
    });
    const rested = (): void => {
      for (const site of stageSites) {
        for (const operation of stage.twin.world.cluster(site).api.list(resources.failover, stageNamespace))
          judgeStay(stage, operation, textAt(operation, 'status', 'record', 'state'), judge);
      }
    };
    return { rested };
  },
};

function judgeStay(stage: Stage, operation: KubeObject, state: string | undefined, judge: Judge): void {
  const limits = limitsOf(operation, state);
  if (limits.length === 0) return;
  const late = stage.twin.world.wall() - Math.min(...limits) - latenessIn(stage);
  judge.check(
    late <= 0,
    () => `${operation.metadata.name} was in ${state} for ${late / second} s longer than anybody needs to take it over`,
  );
}

/** When the time limits are over that hold in a state, by the operation's order and its steps; none: in a state without. */
function limitsOf(operation: KubeObject, state: string | undefined): readonly Instant[] {
  const seconds = (field: string): Millis => (numberAt(operation, 'spec', 'timeouts', field) ?? 0) * second;
  const startOf = (step: string): Instant | undefined => instantOf(textAt(stepOf(operation, step), 'startedAt'));
  const after = (start: Instant | undefined, time: Millis): readonly Instant[] =>
    start === undefined ? [] : [start + time];
  const whole = after(instantOf(textAt(operation, 'status', 'startTime')), seconds('failoverSeconds'));
  switch (state) {
    case 'stoppingSource':
      return whole;
    case 'awaitingRelease':
      return [...whole, ...after(startOf('awaitRelease'), seconds('drbdWaitSeconds'))];
    case 'forcing':
      // There is no way back: it waits for a take-over as well.
      return [...whole, ...after(startOf('forceVolumes'), seconds('drbdWaitSeconds') + minute)];
    case 'removingTaints':
      return [...whole, ...after(startOf('removeTaints'), Math.max(second, seconds('taintRemovalWindowSeconds')))];
    case 'startingTarget':
    case 'monitoringStartup':
      return after(startOf('startTarget'), seconds('vmStartSeconds'));
    case 'rollingBack':
      return after(startOf('rollBack'), seconds('vmStartSeconds'));
    default:
      return [];
  }
}
