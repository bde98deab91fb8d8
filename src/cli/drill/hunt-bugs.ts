import type { JsonObject } from '../../model/json.ts';
import type { HuntAnswer, HuntOrder, ScenarioDocument } from './messages.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { runThread } from './run-thread.ts';

export interface HuntSettings {
  readonly definitions: readonly JsonObject[];
  readonly bugs: readonly PlantedBug[];
  readonly scenarios: readonly ScenarioDocument[];
  readonly seed: number;
  /** What each hunt may take. */
  readonly runs: number;
  readonly milliseconds: number;
  readonly jobs: number;
  readonly onHunted: (hunted: Hunted) => void;
  readonly stop: AbortSignal;
}

/** What became of the hunt for one bug. */
export interface Hunted {
  readonly bug: PlantedBug;
  readonly answer: HuntAnswer;
}

/** Hunts every bug with a thread of its own, so many at once, and answers in the order of the bugs. */
export async function huntBugs(settings: HuntSettings): Promise<readonly Hunted[]> {
  const { bugs, jobs, onHunted } = settings;
  const results = new Map<PlantedBug, Hunted>();
  const waiting = [...bugs];
  const hunter = async (): Promise<void> => {
    for (let bug = waiting.shift(); bug !== undefined && !settings.stop.aborted; bug = waiting.shift()) {
      const { property, first } = bug;
      const answer = await huntWith(bug, { ...settings, property, ...(first === undefined ? {} : { first }) });
      if (answer === undefined) return;
      results.set(bug, { bug, answer });
      onHunted({ bug, answer });
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, bugs.length) }, hunter));
  return bugs.flatMap((bug) => results.get(bug) ?? []);
}

/** The same hunt in the product as it is: whatever breaks is a false alarm, or a bug that nobody has planted. */
export function huntNothing(
  settings: Omit<HuntSettings, 'bugs' | 'jobs' | 'onHunted'>,
): Promise<HuntAnswer | undefined> {
  return huntWith(undefined, settings);
}

/** Undefined when the hunt was stopped. */
async function huntWith(
  bug: PlantedBug | undefined,
  {
    definitions,
    scenarios,
    seed,
    runs,
    milliseconds,
    property,
    first,
    stop,
  }: HuntOrder & { readonly stop: AbortSignal },
): Promise<HuntAnswer | undefined> {
  let answer: HuntAnswer | undefined;
  const sought = {
    ...(property === undefined ? {} : { property }),
    ...(first === undefined ? {} : { first }),
  };
  await runThread(
    { kind: 'hunt', definitions, scenarios, seed, runs, milliseconds, ...sought },
    (message) => {
      if (message.kind === 'hunted') answer = message;
    },
    stop,
    bug,
  );
  return answer;
}
