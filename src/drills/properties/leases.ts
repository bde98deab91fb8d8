import type { Millis } from '../../model/instant.ts';
import { textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import { groupLeaseName } from '../../model/lease.ts';
import { isChange } from '../interference.ts';
import { sightOf } from '../looks.ts';
import { type SentRequest, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import { isOperationOrder, operationOf } from './operation-writes.ts';
import type { Property } from './property.ts';

/** Whoever acts holds the Lease. */
export const leaseHeld: Property = {
  id: 'S25',
  name: 'LeaseHeld',
  says: "Whoever orders a group or a node in an operation, or renews the group's Lease on the target, had not seen that Lease in other hands, or in nobody's, when it sent that.",
  watch: (stage, judge) => {
    const { world } = stage.twin;
    const hands = new Map<string, { readonly holder: string; readonly since: Millis }>();
    for (const site of stageSites) {
      world.cluster(site).api.onChange(({ resource, object, type }) => {
        if (resource.plural !== resources.lease.plural || object.metadata.namespace !== stageNamespace) return;
        const key = `${site}/${object.metadata.name}`;
        const holder = type === 'DELETED' ? '' : (textAt(object, 'spec', 'holderIdentity') ?? '');
        if (hands.get(key)?.holder !== holder) hands.set(key, { holder, since: world.now });
      });
    }
    stage.onRequest.add((sent) => {
      const { host } = sent;
      // What has not arrived, or came from nobody that the server knows, is no act, and tells its host nothing.
      const { outcome } = sent;
      if (outcome.kind === 'hang' || (outcome.kind === 'refused' && outcome.status === 401)) return;
      if (!isOperationOrder(sent) && !isRenewal(sent)) return;
      const operation = operationOf(stage, host);
      const target = textAt(operation, 'spec', 'targetCluster') ?? '';
      if (isRenewal(sent) && isChange(sent.request) && sent.request.site !== target) return;
      const lease = groupLeaseName(textAt(operation, 'spec', 'protectionGroup') ?? '');
      const { holder, since } = hands.get(`${target}/${lease}`) ?? { holder: '', since: 0 };
      judge.check(
        holder === host || since >= stage.sights.lastUpTo(sightOf(host, target, resources.lease), sent.sentAt),
        () => `${host} acts while ${holder === '' ? 'nobody' : holder} holds ${lease} on ${target}`,
      );
    });
    return undefined;
  },
};

/** A Lease is renewed by itself; when it is taken or let go the holder changes as well. */
function isRenewal({ request }: SentRequest): boolean {
  if (!isChange(request) || request.resource.plural !== resources.lease.plural || !Array.isArray(request.body))
    return false;
  return request.body
    .filter((op) => textAt(op, 'op') !== 'test')
    .every((op) => textAt(op, 'path') === '/spec/renewTime');
}
