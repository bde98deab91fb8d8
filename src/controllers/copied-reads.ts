import { isSameJson } from '../model/json.ts';
import { type Instant, type Millis, second } from '../model/instant.ts';
import type { ApiRequest, LinstorRequest, Outcome } from '../model/request.ts';
import type { Clock, Driver } from '../runtime/ports.ts';
import type { SiteCopies } from './site-copies.ts';

/** LINSTOR has no watch. However many groups look, it is asked the same question this often at most while nothing changes. */
export const storageAge: Millis = 10 * second;

/** What it said before something changed is not held against what has changed: then it may be asked this often. */
export const storageAgeInChange: Millis = second;

/** Reads that are answered from copies. */
export interface CopiedReads extends Pick<Driver, 'perform'> {
  /** Something has changed that LINSTOR's answers may depend on. */
  noteChange(): void;
}

/** Answers reads from the copies of the sites and, of LINSTOR, from its last answers; anything else goes to the driver. */
export function copiedReads(driver: Pick<Driver, 'perform'>, copies: readonly SiteCopies[], clock: Clock): CopiedReads {
  const storage = new LastAnswers(driver, clock);
  const copyOf = (request: ApiRequest): Outcome | undefined => {
    if (request.api !== 'kube') return undefined;
    for (const site of copies) {
      const answer = site.read(request);
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
  return {
    perform: async (request) => {
      if (request.api === 'linstor' && request.method === 'GET') return storage.get(request);
      return copyOf(request) ?? driver.perform(request);
    },
    noteChange: () => storage.noteChange(),
  };
}

interface Answered {
  readonly at: Instant;
  readonly answer: Promise<Outcome>;
}

/** LINSTOR's last answers by what was asked. One that says what the one before it said is the very same. */
class LastAnswers {
  readonly #driver: Pick<Driver, 'perform'>;
  readonly #clock: Clock;
  readonly #answers = new Map<string, Answered>();
  #changedAt: Instant = Number.NEGATIVE_INFINITY;

  constructor(driver: Pick<Driver, 'perform'>, clock: Clock) {
    this.#driver = driver;
    this.#clock = clock;
  }

  noteChange(): void {
    this.#changedAt = this.#clock.now();
  }

  get(request: LinstorRequest): Promise<Outcome> {
    const key = JSON.stringify([request.path, request.query]);
    const last = this.#answers.get(key);
    const now = this.#clock.now();
    if (last !== undefined) {
      const mayBeOld = last.at <= this.#changedAt ? storageAgeInChange : storageAge;
      if (now - last.at < mayBeOld) return last.answer;
    }
    const answer = this.#ask(request, last?.answer);
    this.#answers.set(key, { at: now, answer });
    return answer;
  }

  async #ask(request: LinstorRequest, last: Promise<Outcome> | undefined): Promise<Outcome> {
    const [answer, before] = await Promise.all([this.#driver.perform(request), last]);
    return before !== undefined && isSameOutcome(answer, before) ? before : answer;
  }
}

function isSameOutcome(a: Outcome, b: Outcome): boolean {
  return a.kind === 'applied' && b.kind === 'applied' && a.status === b.status && isSameJson(a.body, b.body);
}
