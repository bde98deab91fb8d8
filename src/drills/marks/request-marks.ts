import type { KubeRequest } from '../../model/request.ts';
import { isChange } from '../interference.ts';
import type { MarkFamily } from './mark.ts';

const retried = 'refused by 409, tried again, applied';

/** What may happen to requests, beyond the faults themselves. */
export const requestMarks: MarkFamily = {
  title: 'Requests',
  marks: [
    {
      id: retried,
      says: 'A host is refused because of a version, looks again, and the same change is applied.',
      reach: 'random',
    },
    ...['create', 'patch'].flatMap((verb) => [
      {
        id: `answer lost to ${verb}`,
        says: `A ${verb} is not carried out, and no answer comes.`,
        reach: 'random' as const,
      },
      {
        id: `answer appliedAndLost to ${verb}`,
        says: `A ${verb} is carried out, and no answer comes.`,
        reach: 'random' as const,
      },
    ]),
    {
      id: 'answer lost to update',
      says: 'A PUT is not carried out, and no answer comes.',
      reach: { notYet: 'only a VM with the strategy Manual is started by a PUT, and no stage has one' },
    },
  ],
  watch: ({ twin: { hosts } }, mark) => {
    const refused = new Set<string>();
    hosts.onExchange(({ hostId, requests, outcomes }) => {
      // Hosts read many things side by side, and change one thing after the other.
      const [request, outcome] = [requests[0], outcomes[0]];
      if (requests.length !== 1 || request === undefined || !isChange(request)) return;
      if (outcome?.kind === 'refused' && outcome.status === 409) refused.add(placeOf(hostId, request));
      else if (refused.size > 0 && outcome?.kind === 'applied' && refused.has(placeOf(hostId, request))) mark(retried);
    });
  },
};

function placeOf(host: string, { site, verb, resource, name = '' }: KubeRequest): string {
  return `${host} ${verb} ${resource.plural}/${name} on ${site}`;
}
