import { outcomeOfKubeAnswer } from '../model/kube-outcome.ts';
import type { ApiRequest, KubeRequest, Outcome } from '../model/request.ts';
import { second } from '../model/instant.ts';
import type { FiredFaults } from './faults/fired-faults.ts';
import { pastReads } from './past-reads.ts';
import type { RecordKeeper } from './record-keeper.ts';
import type { Stage } from './stage.ts';
import type { AnswerFault, HostKind, TapeItem } from './tape.ts';

type Hang = { readonly kind: 'hang' };
type RequestItem = Extract<TapeItem, { readonly kind: 'answer' | 'crash' }>;

/** How soon another controller process stands in for one that died. */
const restartDelay = 5 * second;

/** Puts the tape's faults of single requests between the hosts and the sites. A controller that dies is restarted soon. */
export function interfere(stage: Stage, keeper: RecordKeeper, fired: FiredFaults): void {
  const { twin, tape } = stage;
  const { world, hosts } = twin;
  const items = tape.items.filter((item): item is RequestItem => item.kind === 'answer' || item.kind === 'crash');
  const sent = new Map<HostKind, number>();
  // The Failover Controller looks after unfinished operations by itself, with a new host for one that is gone.
  world.route('drill.restart', ({ key }) => twin.startGroupController.get(siteOf(key))?.());
  const die = (hostId: string): void => {
    hosts.remove(hostId);
    if (kindOf(hostId) !== 'pgctl') world.schedule(restartDelay, 'drill.restart', hostId);
  };
  const read = pastReads(stage, keeper, fired);
  const seesThePast = new Set(
    tape.items.flatMap((item) => (item.kind === 'past' || item.kind === 'hidden' ? [item.host] : [])),
  );
  hosts.intercept((hostId, request, perform, index) => {
    if (request.api === 'linstor' && request.method !== 'GET') {
      const outcome = perform();
      stage.onRequest.tell({ host: hostId, request, outcome });
      return outcome;
    }
    if (!isChange(request)) {
      if (!seesThePast.has(kindOf(hostId))) stage.lookedAt.set(hostId, world.now);
      return read(kindOf(hostId), request, perform, index);
    }
    const kind = kindOf(hostId);
    const nth = (sent.get(kind) ?? 0) + 1;
    sent.set(kind, nth);
    const item = items.find((candidate) => candidate.host === kind && candidate.nth === nth);
    const really = (): Outcome | Hang => {
      const outcome = perform();
      stage.onRequest.tell({ host: hostId, request, outcome });
      keeper.trace(`${hostId} ${request.verb} ${request.resource.plural} ${request.site} ${outcome.kind}`);
      return outcome;
    };
    if (item === undefined) return really();
    const how = item.kind === 'crash' ? `dies ${item.moment} it` : item.fault;
    keeper.note(`${hostId}, change ${nth} (${request.verb} ${request.resource.plural} on ${request.site}): ${how}`);
    keeper.mark(`fault ${item.kind} ${item.kind === 'crash' ? item.moment : item.fault}`);
    fired.note(item);
    if (item.kind === 'answer') keeper.mark(`answer ${item.fault} to ${request.verb}`);
    if (item.kind === 'answer') return answerWith(item.fault, request, really);
    if (item.moment === 'after') really();
    die(hostId);
    return { kind: 'hang' };
  });
}

/** The kind of a host by its id: `pgctl/…`, `failover-controller/…`. */
export function kindOf(hostId: string): HostKind {
  return hostId.slice(0, hostId.indexOf('/')) as HostKind;
}

// `<controller>/<site>/<namespace>/<name>`
function siteOf(hostId: string): string {
  return hostId.split('/')[1] ?? '';
}

/** True for a request that may change something. */
export function isChange(request: ApiRequest): request is KubeRequest {
  return request.api === 'kube' && request.verb !== 'get' && request.verb !== 'list';
}

function answerWith(fault: AnswerFault, request: KubeRequest, perform: () => Outcome | Hang): Outcome | Hang {
  switch (fault) {
    case 'lost':
      return { kind: 'hang' };
    case 'appliedAndLost':
      perform();
      return { kind: 'hang' };
    case 'conflict':
      return refusal(
        409,
        'Conflict',
        'the object has been modified; please apply your changes to the latest version',
        request,
      );
    case 'forbidden':
      return refusal(403, 'Forbidden', `cannot ${request.verb} ${request.resource.plural}`, request);
    case 'busy':
      return refusal(429, 'TooManyRequests', 'too many requests, please try again later', request);
    case 'error':
      return refusal(500, 'InternalError', 'etcdserver: request timed out', request);
  }
}

function refusal(status: number, reason: string, message: string, { site, name = '' }: KubeRequest): Outcome {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason,
    message,
    details: { name },
    code: status,
  };
  return outcomeOfKubeAnswer({ status, body, message }, site);
}
