import type { ApiRequest, KubeRequest, Outcome } from '../../model/request.ts';
import type { Twin } from '../twin.ts';
import type { RequestOnWay, WireTrouble } from '../wires.ts';
import { amountOf, type FaultKind, type FaultOrder, choice, siteOf } from './fault.ts';

/** The way to a site's API is slow. */
export const apiSlow: FaultKind = wireFault({
  kind: 'api-slow',
  about: 'requests to the API of a site take longer by so many milliseconds, half of them by a random part of that',
  options: ['--site CLUSTER', '--by MILLISECONDS'],
  says: (site, order) => `requests to ${site} take up to ${amountOf(order)} ms longer`,
  trouble: (twin, site, order) => {
    const random = twin.world.randomness.stream('wires');
    const most = amountOf(order);
    return { delay: (sent) => (isTo(sent, site) ? (random.integer(0, 1) === 0 ? most : random.integer(0, most)) : 0) };
  },
});

/** The way to a site's API is stopped up; what waits arrives at once in the end. */
export const apiClogged: FaultKind = wireFault({
  kind: 'api-clogged',
  about: 'requests to the API of a site are held up, and arrive together when it is mended',
  options: ['--site CLUSTER'],
  says: (site) => `requests to ${site} are held up`,
  trouble: (_twin, site) => ({ delay: (sent) => (isTo(sent, site) ? 'held' : 0) }),
});

/** A site's etcd chooses a new leader: reads go on, writes wait. */
export const writesStall: FaultKind = wireFault({
  kind: 'writes-stall',
  about: 'changes at the API of a site are held up, reads are answered: its etcd has no leader',
  options: ['--site CLUSTER'],
  says: (site) => `${site} takes no changes and has them wait`,
  trouble: (_twin, site) => ({ delay: (sent) => (isTo(sent, site) && isChange(sent.request) ? 'held' : 0) }),
});

/** A site's etcd is full. */
export const writesFail: FaultKind = wireFault({
  kind: 'writes-fail',
  about: 'changes at the API of a site fail, reads are answered: its etcd is full',
  options: ['--site CLUSTER'],
  says: (site) => `${site} is read-only`,
  trouble: (_twin, site) => ({
    answer: (sent, perform) => {
      if (!isTo(sent, site) || !isChange(sent.request)) return perform();
      const message = `${site} answered 500: etcdserver: mvcc: database space exceeded`;
      return { kind: 'unknown', reason: 'server-error', message };
    },
  }),
});

/** A site does not serve a type. */
export const typeMissing: FaultKind = wireFault({
  kind: 'type-missing',
  about: 'the API of a site does not serve a type: its definition is missing',
  options: ['--site CLUSTER', '--resource PLURAL'],
  says: (site, { resource = 'protectiongroups' }) => `${site} does not serve ${resource}`,
  trouble: (_twin, site, { resource = 'protectiongroups' }) => ({
    answer: (sent, perform) => {
      const { request } = sent;
      if (!isTo(sent, site) || request.api !== 'kube' || request.resource.plural !== resource) return perform();
      const message = 'the server could not find the requested resource';
      return { kind: 'refused', status: 404, reason: 'NotServed', message, body: { details: {} } };
    },
  }),
});

const refusals = {
  unauthorized: refused(401, 'Unauthorized', 'Unauthorized'),
  forbidden: refused(403, 'Forbidden', 'access denied'),
  busy: refused(429, 'TooManyRequests', 'too many requests, please try again later'),
  certificate: unreachable('x509: certificate has expired or is not yet valid'),
  name: unreachable('no such host'),
} as const;

/** A site's API turns everybody away. */
export const apiRefuses: FaultKind = wireFault({
  kind: 'api-refuses',
  about: 'the API of a site turns every request of ours away, or cannot be found or trusted',
  options: ['--site CLUSTER', '--how unauthorized|forbidden|busy|certificate|name'],
  says: (site, { how }) => `${site} turns us away: ${how}`,
  trouble: (_twin, site, { how }) => {
    const manner = choice('--how', how, ['unauthorized', 'forbidden', 'busy', 'certificate', 'name']);
    return { answer: (sent, perform) => (isTo(sent, site) ? refusals[manner] : perform()) };
  },
});

interface WireFault {
  readonly kind: string;
  readonly about: string;
  readonly options: readonly string[];
  readonly says: (site: string, order: FaultOrder) => string;
  readonly trouble: (twin: Twin, site: string, order: FaultOrder) => WireTrouble;
}

function wireFault({ kind, about, options, says, trouble }: WireFault): FaultKind {
  return {
    kind,
    about,
    options,
    prepare: (twin, order) => {
      const site = siteOf(twin, order.site);
      const added = trouble(twin, site, order);
      return {
        says: says(site, order),
        breaks: [],
        act: () => twin.hosts.wires.add(added),
        heal: () => twin.hosts.wires.remove(added),
      };
    },
  };
}

/** True for what goes through a site's API server, commands in pods too. */
export function isTo({ request }: RequestOnWay, site: string): boolean {
  return request.api !== 'linstor' && request.site === site;
}

function isChange(request: ApiRequest): request is KubeRequest {
  return request.api === 'kube' && request.verb !== 'get' && request.verb !== 'list';
}

function refused(status: number, reason: string, message: string): Outcome {
  return { kind: 'refused', status, reason, message };
}

function unreachable(message: string): Outcome {
  return { kind: 'unknown', reason: 'unreachable', message };
}
