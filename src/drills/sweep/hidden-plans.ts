import { type Millis, second } from '../../model/instant.ts';
import type { ObjectHistory } from '../past.ts';
import type { HostKind } from '../tape.ts';
import { decisionOf } from './decisions.ts';
import type { Plan } from './plan.ts';
import type { Look, ReferenceRun } from './reference-run.ts';

/** After this long a client that has missed a change lists again, and sees it. */
const relist: Millis = 30 * second;

const hostKinds: readonly HostKind[] = ['pgctl', 'protection-group-controller', 'failover-controller'];

/**
 * Every change of an object that a kind of host may not come to see: neither the state that it makes before the next change
 * takes its place, nor, when a client has lost its watch, anything for half a minute. A change that no look would have shown, or
 * that alters no decision, is no plan; two that put the same wrong decisions in the places of the same right ones are one.
 */
export function hiddenPlans(reference: ReferenceRun): readonly Plan[] {
  const right = new Map(reference.looks.map((look) => [look, decisionOf(look, look.outcomes)]));
  const known = new Set<string>();
  const plans: Plan[] = [];
  for (const history of reference.past.histories()) {
    for (const host of hostKinds) {
      const looks = reference.looks.filter((look) => look.host === host && readsOf(look, history));
      for (const { from, to } of looks.length === 0 ? [] : windowsOf(history)) {
        const pairs = wrongDecisions(reference, looks, right, history, from, to);
        if (pairs === '' || known.has(pairs)) continue;
        known.add(pairs);
        plans.push(planOf(reference, history, host, from, to));
      }
    }
  }
  return plans;
}

function readsOf({ requests }: Look, { site, place }: ObjectHistory): boolean {
  return requests.some(
    (request) =>
      request.api === 'kube' &&
      request.site === site &&
      request.resource.plural === place.resource &&
      (request.name === undefined || request.name === place.name),
  );
}

interface Window {
  readonly from: Millis;
  readonly to: Millis;
}

function windowsOf({ changes }: ObjectHistory): readonly Window[] {
  return changes.flatMap(({ at: from }, index) => {
    const next = changes[index + 1]?.at ?? Number.POSITIVE_INFINITY;
    const lost = { from, to: from + relist };
    return next < lost.to ? [{ from, to: next }, lost] : [lost];
  });
}

/** Which decisions the looks of a window come to that they would not have come to; empty text for none. */
function wrongDecisions(
  { begin, past }: ReferenceRun,
  looks: readonly Look[],
  right: ReadonlyMap<Look, string>,
  { site, place }: ObjectHistory,
  from: Millis,
  to: Millis,
): string {
  return looks
    .filter(({ at }) => begin + at >= from && begin + at < to)
    .map((look) => {
      const given = look.requests.map((request, index) => {
        const fresh = look.outcomes[index];
        if (fresh === undefined) throw new Error('A look has fewer answers than reads');
        const isAffected =
          request.api === 'kube' && request.site === site && request.resource.plural === place.resource;
        return isAffected ? past.answer(request, fresh, from, place) : fresh;
      });
      const decision = decisionOf(look, given);
      return decision === right.get(look) ? '' : `${look.hostId} ${right.get(look)} ${decision}`;
    })
    .join('');
}

function planOf(
  { begin }: ReferenceRun,
  { site, place }: ObjectHistory,
  host: HostKind,
  from: Millis,
  to: Millis,
): Plan {
  const { resource, namespace, name } = place;
  return {
    kind: 'hidden',
    about: `${host}, ${resource}/${name} on ${site}`,
    item: {
      kind: 'hidden',
      host,
      site,
      resource,
      ...(namespace === '' ? {} : { namespace }),
      name,
      from: from - begin,
      to: to - begin,
      probe: true,
    },
  };
}
