import { decisionOf } from './decisions.ts';
import { EarlierAnswers } from './earlier-answers.ts';
import type { Plan } from './plan.ts';
import type { ReferenceRun } from './reference-run.ts';

/**
 * Every look at a site that may be answered from an earlier state of it. One plan for each pair of decisions: what the host
 * decides by the true answers, and what it would decide by earlier ones. An earlier state in which the host sees nothing else
 * is no plan; looks at which the same wrong decision takes the place of the same right one are one.
 */
export function stalePlans(reference: ReferenceRun): readonly Plan[] {
  const answers = new EarlierAnswers(reference);
  const pairs = new Set<string>();
  return reference.looks.flatMap((look) => {
    const sites = new Set(look.requests.flatMap((request) => (request.api === 'kube' ? [request.site] : [])));
    const right = decisionOf(look, look.outcomes);
    return [...sites].flatMap((site) =>
      answers.momentsBefore(look, site).flatMap((before): readonly Plan[] => {
        const decision = decisionOf(look, answers.asOf(look, site, before));
        const pair = `${look.hostId} ${right} ${decision}`;
        if (decision === right || pairs.has(pair)) return [];
        pairs.add(pair);
        const { host, nth } = look;
        const item = { kind: 'past', host, look: nth, site, before: before - reference.begin, probe: true } as const;
        return [{ kind: 'stale', about: `${host}, look ${nth} in ${look.record.state}`, item }];
      }),
    );
  });
}
