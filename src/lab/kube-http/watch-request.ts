import type { ApiServer } from '../../drivers/sim/api-server/api-server.ts';
import type { ServedResource } from '../../drivers/sim/api-server/served-resource.ts';
import { type Predicate, fieldSelector } from '../../drivers/sim/api-server/field-selector.ts';
import { labelSelector } from '../../drivers/sim/api-server/label-selector.ts';
import type { Answer, LocalRequest } from '../../drivers/sim/behaviour.ts';
import { type ResourceCall, localRequestOf } from './kube-request.ts';
import type { Reply } from './reply.ts';
import { badRequest, forbiddenOption, plainFailure } from './status.ts';
import type { WatchRequest, WatchShape } from './watch.ts';

/** Without `timeoutSeconds` a real server picks half an hour to an hour (`--min-request-timeout`). */
const defaultTimeoutSeconds = 45 * 60;

/**
 * What a watch begins with, from `resourceVersion`, `sendInitialEvents` and the selectors of the request:
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-watch.
 * A list request checks the user's rights and the selectors.
 */
export function watchRequestOf(
  call: ResourceCall,
  served: ServedResource,
  api: ApiServer,
  ask: (request: LocalRequest) => Answer,
  shape: WatchShape,
): { readonly request: WatchRequest } | { readonly refusal: Reply } {
  const { query } = call;
  const named = withNameAsSelector(call);
  const version = query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(version)) return { refusal: invalidVersion(version) };
  const sendsInitial = query.get('sendInitialEvents') === 'true';
  if (query.has('sendInitialEvents') && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    return { refusal: forbiddenOption('ListOptions', 'resourceVersionMatch', initialNeedsMatch) };
  }
  const startsNow = version === '' || version === '0';
  const wantsObjects = sendsInitial || (startsNow && query.get('sendInitialEvents') !== 'false');
  const list = localRequestOf(limitedToOne(named), 'list', served.type, { body: undefined });
  if ('failure' in list) return { refusal: list.failure };
  const answer = ask(withoutVersion(list.value));
  if (answer.status !== 200) return { refusal: answer };
  const matches = selectorOf(named.query);
  const timeout = Number(query.get('timeoutSeconds') ?? 0);
  return {
    request: {
      served,
      ...(call.route.namespace === undefined ? {} : { namespace: call.route.namespace }),
      matches,
      initial: wantsObjects ? api.list(served.type, call.route.namespace).filter(matches) : [],
      from: wantsObjects || startsNow ? api.version : Number(version),
      bookmarks: query.get('allowWatchBookmarks') === 'true',
      endsInitial: sendsInitial && query.get('allowWatchBookmarks') === 'true',
      timeoutSeconds: timeout > 0 ? timeout : defaultTimeoutSeconds,
      shape,
    },
  };
}

/** `GET …/pods/NAME?watch=1` is a watch of the collection for that name. */
function withNameAsSelector(call: ResourceCall): ResourceCall {
  const { name, ...route } = call.route;
  if (name === undefined) return call;
  const query = new URLSearchParams(call.query);
  query.set('fieldSelector', `metadata.name=${name}`);
  return { ...call, route, query };
}

function limitedToOne(call: ResourceCall): ResourceCall {
  const query = new URLSearchParams(call.query);
  query.set('limit', '1');
  return { ...call, query };
}

function withoutVersion({ options, ...request }: LocalRequest): LocalRequest {
  const { resourceVersion: _version, resourceVersionMatch: _match, ...rest } = options ?? {};
  return { ...request, options: rest };
}

/** The list request has accepted the selectors, so they parse and name fields of this resource. */
function selectorOf(query: URLSearchParams): Predicate {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const named = new Set(fields.split(',').map((part) => part.split(/!=|==|=/)[0] ?? ''));
  const byLabel = labels === '' ? undefined : labelSelector(labels);
  const byField = fields === '' ? undefined : fieldSelector(fields, named);
  return (object) => (byLabel?.(object) ?? true) && (byField?.(object) ?? true);
}

const initialNeedsMatch = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';

function invalidVersion(version: string): Reply {
  const why = `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`;
  return version.length > 64
    ? badRequest('resourceVersion is too long')
    : plainFailure(500, `resourceVersion: Invalid value: ${JSON.stringify(version)}: ${why}`);
}
