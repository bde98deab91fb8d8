import type { Origin } from '../drivers/sim/network.ts';
import { type Millis, second } from '../model/instant.ts';
import { asksForDrbdReport } from '../model/drbd-report.ts';
import { type ApiRequest, commandLine, type KubeRequest } from '../model/request.ts';
import { type Answer, answerWith } from './answers.ts';
import type { FiredFaults } from './faults/fired-faults.ts';
import { sightOf } from './looks.ts';
import { pastReads } from './past-reads.ts';
import type { RecordKeeper } from './record-keeper.ts';
import type { SentRequest, Stage } from './stage.ts';
import type { HostKind, RequestMatch, TapeItem } from './tape.ts';

type RequestItem = Extract<TapeItem, { readonly kind: 'answer' | 'crash' | 'pause' }>;

/** How soon another controller process stands in for one that died. */
const restartDelay: Millis = 5 * second;
/** How late a request arrives whose sender has given it up. */
const lateness: Millis = 7 * second;
/** How long a slow answer takes: just less than a host waits. */
const slowness: Millis = 4 * second;

/**
 * Puts the tape's faults of single requests between the hosts and the sites. A controller that dies is restarted soon. Answers
 * how to end that: from then on no request meets a fault, but for the probes of a sweep.
 */
export function interfere(stage: Stage, keeper: RecordKeeper, fired: FiredFaults): () => void {
  const { twin, tape } = stage;
  const { world, hosts } = twin;
  const counters = tape.items.filter(isOfRequests).map((item) => new RequestCounter(item));
  const unsent = new WeakSet<ApiRequest>();
  // The Failover Controller looks after unfinished operations by itself, with a new host for one that is gone.
  world.route('drill.restart', ({ key }) => twin.startGroupController.get(siteOf(key))?.());
  world.route('drill.late', ({ payload }) => void (payload as () => Answer)());
  const die = (hostId: string): void => {
    for (const each of processOf(hostId, hosts.ids())) hosts.remove(each);
    if (kindOf(hostId) !== 'pgctl') world.schedule(restartDelay, 'drill.restart', hostId);
  };
  const standStill = (hostId: string, lasts: Millis): void => {
    for (const each of processOf(hostId, hosts.ids())) hosts.pause(each, lasts);
  };

  const read = pastReads(stage, keeper, fired);
  const seesThePast = new Set(
    tape.items.flatMap((item) => (item.kind === 'past' || item.kind === 'hidden' ? [item.host] : [])),
  );
  const isPast = (hostId: string, request: ApiRequest): boolean =>
    hosts.wires.showThePast({ request, from: placeOf(hostId) });
  hosts.intercept((hostId, request, perform, index, sentAt) => {
    const really = (): Answer => {
      if (!isRead(request)) return told(stage, keeper, { host: hostId, request, outcome: perform(), sentAt });
      const isShownThePast = seesThePast.has(kindOf(hostId));
      if (!isShownThePast) stage.looks.note(hostId, world.now);
      const answer = read(kindOf(hostId), request, perform, index);
      const isAnswered = answer.kind === 'applied' || answer.kind === 'refused';
      if (!isShownThePast && isAnswered && request.api === 'kube' && !isPast(hostId, request))
        stage.sights.note(sightOf(hostId, request.site, request.resource), world.now);
      return answer;
    };
    if (counters.length === 0 || unsent.delete(request)) return really();
    const kind = kindOf(hostId);
    // Each counts, whether or not another item is the one that strikes.
    const struck = counters.filter((counter) => counter.counts(kind, request));
    const item = struck[0]?.item;
    if (item === undefined) return really();
    const [how, mark] = nameOf(item);
    keeper.note(`${hostId}, ${nameOfRequest(request)}: ${how}`);
    keeper.mark(`fault ${mark}`);
    fired.note(item);
    switch (item.kind) {
      case 'answer':
        if (request.api === 'kube') keeper.mark(`answer ${item.fault} to ${request.verb}`);
        if (item.fault !== 'slow')
          return answerWith(item.fault, request, really, (act) => world.schedule(lateness, 'drill.late', hostId, act));
        hosts.pause(hostId, slowness);
        return really();
      case 'pause':
        standStill(hostId, item.lasts);
        if (item.moment === 'after') return really();
        unsent.add(request);
        return { kind: 'unsent' };
      case 'crash':
        if (item.moment === 'after') really();
        die(hostId);
        return { kind: 'hang' };
    }
  });
  return () => {
    for (const counter of counters) counter.mend();
  };
}

/** Counts the requests that an item is about, and tells which of them it strikes. */
class RequestCounter {
  readonly item: RequestItem;
  #seen = 0;
  #isMended = false;

  constructor(item: RequestItem) {
    this.item = item;
  }

  counts(kind: HostKind, request: ApiRequest): boolean {
    const { host, nth, of } = this.item;
    if (host !== kind || !(of === undefined ? changes(request) : fits(of, request))) return false;
    this.#seen++;
    const times = this.item.kind === 'pause' ? 1 : (this.item.times ?? 1);
    return !this.#isMended && this.#seen >= nth && this.#seen < nth + times;
  }

  mend(): void {
    this.#isMended = this.item.probe !== true;
  }
}

function fits({ verb, resource, site }: RequestMatch, request: ApiRequest): boolean {
  if (request.api === 'linstor') return resource === 'linstor' && verb === undefined && site === undefined;
  if (request.api === 'exec') {
    if (verb !== undefined || (resource !== undefined && resource !== 'exec')) return false;
  } else {
    if (verb !== undefined && verb !== request.verb) return false;
    if (resource !== undefined && resource !== request.resource.plural) return false;
  }
  return site === undefined || site === request.site;
}

function isOfRequests(item: TapeItem): item is RequestItem {
  return item.kind === 'answer' || item.kind === 'crash' || item.kind === 'pause';
}

/** What happens, in words, and the mark of it. */
function nameOf(item: RequestItem): readonly [how: string, mark: string] {
  if (item.kind === 'answer') return [item.fault, `answer ${item.fault}`];
  const does = item.kind === 'crash' ? 'dies' : `stands still for ${item.lasts} ms`;
  return [`${does} ${item.moment} it`, `${item.kind} ${item.moment}`];
}

function nameOfRequest(request: ApiRequest): string {
  switch (request.api) {
    case 'kube':
      return `${request.verb} ${request.resource.plural} on ${request.site}`;
    case 'linstor':
      return `${request.method} of LINSTOR`;
    case 'exec':
      return `${commandLine(request)} on ${request.site}`;
  }
}

/** Tells the judges of a request that has reached its server. */
function told(stage: Stage, keeper: RecordKeeper, sent: SentRequest): Answer {
  const { host, request, outcome } = sent;
  stage.onRequest.tell(sent);
  if (request.api === 'kube')
    keeper.trace(`${host} ${request.verb} ${request.resource.plural} ${request.site} ${outcome.kind}`);
  return outcome;
}

/** The kind of a host by its id: `pgctl/…`, `failover-controller/…`. */
export function kindOf(hostId: string): HostKind {
  return hostId.slice(0, hostId.indexOf('/')) as HostKind;
}

/** Where a host runs: pgctl at the operator's desk, a controller on its site. */
export function placeOf(hostId: string): Origin {
  return kindOf(hostId) === 'pgctl' ? 'operator' : siteOf(hostId);
}

/** The hosts that live in the same process: all of a controller's on its site, or one pgctl. */
function processOf(hostId: string, all: readonly string[]): readonly string[] {
  if (kindOf(hostId) === 'pgctl') return [hostId];
  const place = `${kindOf(hostId)}/${siteOf(hostId)}/`;
  return all.filter((each) => each.startsWith(place));
}

// `<controller>/<site>/<namespace>/<name>`
function siteOf(hostId: string): string {
  return hostId.split('/')[1] ?? '';
}

/** True for one that changes nothing anywhere. */
function isRead(request: ApiRequest): boolean {
  return request.api === 'linstor' ? request.method === 'GET' : !changes(request);
}

/** True for what changes objects of a cluster, or is a command to DRBD. */
function changes(request: ApiRequest): boolean {
  return request.api === 'exec' ? !asksForDrbdReport(request) : isChange(request);
}

/** True for a request that may change an object of a cluster. */
export function isChange(request: ApiRequest): request is KubeRequest {
  return request.api === 'kube' && request.verb !== 'get' && request.verb !== 'list';
}
