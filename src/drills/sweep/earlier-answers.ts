import type { Millis } from '../../model/instant.ts';
import type { KubeRequest, Outcome } from '../../model/request.ts';
import type { SiteName } from '../../model/site.ts';
import type { Look, ReferenceRun } from './reference-run.ts';

/** Answers to reads as they would have been earlier. The same state is the same answer, so that readings of it are kept. */
export class EarlierAnswers {
  readonly #reference: ReferenceRun;
  readonly #known = new Map<string, Outcome>();
  readonly #times = new Map<string, readonly Millis[]>();

  constructor(reference: ReferenceRun) {
    this.#reference = reference;
  }

  /** The moments before a look at which something changed that it reads of a site, the newest first. */
  momentsBefore({ requests, at }: Look, site: SiteName): readonly Millis[] {
    const until = this.#reference.begin + at;
    const times = new Set<Millis>();
    for (const request of requests) {
      if (request.api !== 'kube' || request.site !== site) continue;
      for (const time of this.#timesOf(request)) if (time <= until) times.add(time);
    }
    return [...times].toSorted((a, b) => b - a);
  }

  /** The answers to a look as they would have been with a site as it was just before a moment. */
  asOf({ requests, outcomes }: Look, site: SiteName, before: Millis): readonly Outcome[] {
    return requests.map((request, index) => {
      const fresh = outcomes[index] as Outcome;
      if (request.api !== 'kube' || request.site !== site || fresh.kind === 'unknown') return fresh;
      const state = this.#timesOf(request).filter((time) => time < before).length;
      const key = `${keyOf(request)} ${state}`;
      const known = this.#known.get(key) ?? this.#reference.past.answer(request, fresh, before);
      this.#known.set(key, known);
      return known;
    });
  }

  #timesOf(request: KubeRequest): readonly Millis[] {
    const key = keyOf(request);
    const known = this.#times.get(key) ?? this.#reference.past.changesIn(request).map(({ at }) => at);
    this.#times.set(key, known);
    return known;
  }
}

function keyOf({ site, resource, namespace = '', name = '' }: KubeRequest): string {
  return `${site} ${resource.plural} ${namespace}/${name}`;
}
