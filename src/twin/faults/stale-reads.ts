import { type Json, listAt, textAt } from '../../model/json.ts';
import { outcomeOfKubeAnswer } from '../../model/kube-outcome.ts';
import type { KubeRequest } from '../../model/request.ts';
import type { Twin } from '../twin.ts';
import type { Answer, WireTrouble } from '../wires.ts';
import { type FaultKind, siteOf } from './fault.ts';

/** A server behind the load balancer of a site's API has stopped following. */
export const readsStale: FaultKind = {
  kind: 'reads-stale',
  about:
    'reads at the API of a site show what was there when this began, of one type when it is named; changes go through',
  options: ['--site CLUSTER', '--resource PLURAL'],
  prepare: (twin, order) => {
    const site = siteOf(twin, order.site);
    const { resource } = order;
    let trouble: WireTrouble | undefined;
    return {
      says: `${site} shows ${resource ?? 'everything'} as it was`,
      breaks: [],
      act: () => {
        if (trouble !== undefined) return;
        const { version } = twin.world.cluster(site).api;
        trouble = {
          answer: ({ request }, perform) => (isMeant(request) ? readAsOf(twin, request, version) : perform()),
          isPast: ({ request }) => isMeant(request),
        };
        twin.hosts.wires.add(trouble);
        function isMeant(request: { readonly api: string }): request is KubeRequest {
          const read = request as KubeRequest;
          if (read.api !== 'kube' || read.site !== site || read.subresource !== undefined) return false;
          if (read.verb !== 'get' && read.verb !== 'list') return false;
          return resource === undefined || read.resource.plural === resource;
        }
      },
      heal: () => {
        if (trouble !== undefined) twin.hosts.wires.remove(trouble);
        trouble = undefined;
      },
    };
  },
};

/** What a read would have brought at an earlier version of the cluster. */
function readAsOf({ world }: Twin, request: KubeRequest, version: number): Answer {
  const { api } = world.cluster(request.site);
  const { name, resource, namespace, options } = request;
  const place = namespace === undefined ? {} : { namespace };
  const selected = { ...options, resourceVersion: String(version), resourceVersionMatch: 'Exact' as const };
  const { status, body } = api.request({ verb: 'list', resource, ...place, options: selected });
  const message = textAt(body, 'message') ?? 'no message';
  if (request.verb === 'list' || status !== 200) return outcomeOfKubeAnswer({ status, body, message }, request.site);
  const found = listAt(body, 'items').find((item) => textAt(item, 'metadata', 'name') === name);
  if (found !== undefined) return { kind: 'applied', status: 200, body: withType(found, request) };
  const missing = `${resource.plural} "${name}" not found`;
  const refusal = { kind: 'Status', reason: 'NotFound', message: missing, details: { name: name ?? '' }, code: 404 };
  return outcomeOfKubeAnswer({ status: 404, body: refusal, message: missing }, request.site);
}

/** Objects in lists of built-in types lack what they are. */
function withType(item: Json, { resource }: KubeRequest): Json {
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  return { apiVersion, kind: resource.kind, ...(item as Readonly<Record<string, Json>>) };
}
