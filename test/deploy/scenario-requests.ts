import { failoverControllerName } from '../../src/runtime/operation-schedule.ts';
import { groupControllerName } from '../../src/runtime/group-schedule.ts';
import { consentKinds } from '../../src/model/consent.ts';
import { heartbeatRequest } from '../../src/model/heartbeat.ts';
import { minute } from '../../src/model/instant.ts';
import { groupResourceOf, resources } from '../../src/model/kube.ts';
import { historyLimit } from '../../src/model/operation-copies.ts';
import type { RecoveryRequest } from '../../src/model/recovery/recovery-request.ts';
import type { ApiRequest } from '../../src/model/request.ts';
import type { SiteName } from '../../src/model/site.ts';
import { backendField } from '../../src/model/storage-backend.ts';
import { drillFaultKinds } from '../../src/twin/faults/drill-kinds.ts';
import { FaultBoard } from '../../src/twin/faults/fault-board.ts';
import { mustApply } from '../../src/twin/protect.ts';
import { accepted, recordRecovery } from '../../src/twin/recovery-order.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { orderUnplanned } from '../../src/twin/unplanned-order.ts';
import { partedTwin, resolveRequest, runToEnd as runRecovery, verifyRequest } from '../twin/parted-group.ts';
import {
  createOperation,
  plannedRequest,
  type ProtectedSettings,
  protectedTwin,
  runToEnd,
} from '../twin/protected-group.ts';

/** What a controller asks of the clusters: `own get pods`, `peer patch protectiongroups.siterecovery.trilio.io/status`. */
export type Asked = ReadonlyMap<string, ReadonlySet<string>>;

/** Hears of a request that somebody sends; `cluster`: where a controller works, nothing for people. */
export type Hear = (sender: string, request: ApiRequest, cluster?: SiteName) => void;

/** Who drives an operation from a desk, as the twin calls its hosts. */
export const desk = 'pgctl';

/**
 * Everything that both controllers ask for in scenarios that take them through each of their machines; `operator`: with volumes that
 * DRBD Operator keeps.
 */
export function requestsOfScenarios(storage: Pick<ProtectedSettings, 'operator'> = {}): Asked {
  const asked = new Map<string, Set<string>>([
    [groupControllerName, new Set()],
    [failoverControllerName, new Set()],
  ]);
  playJourneys((sender, request, home) => {
    // An operation that pgctl drives here may be a controller's to finish.
    const [controller, cluster] = sender === desk ? [failoverControllerName, 'cluster2'] : [sender, home];
    const place = 'site' in request && request.site !== cluster ? 'peer' : 'own';
    // LINSTOR may be on either side; whom everybody reads, everybody may read.
    const places = request.api !== 'linstor' ? [place] : request.method === 'GET' ? [] : ['own', 'peer'];
    for (const where of places)
      for (const permission of permissionsOf(request)) asked.get(controller)?.add(`${where} ${permission}`);
  }, storage);
  return asked;
}

/** Plays scenarios that take the controllers through each of their machines, and tells of every request. */
export function playJourneys(hear: Hear, { operator }: Pick<ProtectedSettings, 'operator'> = {}): void {
  const storage: ProtectedSettings = operator === undefined ? {} : { operator };
  const listen = (twin: Twin): Twin => {
    hearHosts(twin, hear);
    return twin;
  };
  planned(listen(protectedTwin(1, { ...storage, heartbeats: true, history: true })));
  unplanned(listen(protectedTwin(1, { ...storage, history: true })));
  manual(listen(protectedTwin(1, storage)));
  recovery(listen(partedTwin(storage)), resolveRequest);
  recovery(listen(protectedTwin(1, { ...storage, history: true })), verifyRequest);
  hear(failoverControllerName, heartbeatRequest('cluster1', 'cluster3', 0), 'cluster1');
}

/** Tells of every request of the hosts of a twin, by the controllers that they belong to. */
export function hearHosts({ hosts }: Twin, hear: Hear): void {
  hosts.onExchange(({ hostId, requests }) => {
    const [kind = '', cluster = ''] = hostId.split('/');
    for (const request of requests) {
      if (kind === desk) hear(desk, request);
      else hear(kind === groupControllerName ? kind : failoverControllerName, request, cluster);
    }
  });
}

/** There and back, by the controllers alone, and more operations than a site keeps. */
function planned(twin: Twin): void {
  for (let index = 0; index < historyLimit; index++) recordEnded(twin, `op-${index}`);
  for (const request of [
    plannedRequest('away', 'cluster1', 'cluster2'),
    plannedRequest('back', 'cluster2', 'cluster1'),
  ]) {
    const order = { ...request, ...backendField(twin.storageBackend) };
    createOperation(twin, order);
    runToEnd(twin, order);
    twin.world.runUntil(twin.world.now + 2 * minute);
  }
}

/** The source is lost, forced away from, and comes back to find itself superseded. */
function unplanned(twin: Twin): void {
  for (const name of twin.kernel.resourceNames()) twin.kernel.setOptions(name, { quorum: 'majority' });
  const faults = new FaultBoard(twin, drillFaultKinds);
  const loss = faults.inject({ kind: 'site-loss', site: 'cluster1' }, twin.world.wall());
  twin.world.runUntil(twin.world.now + minute);
  const request = {
    ...plannedRequest('away', 'cluster1', 'cluster2'),
    ...backendField(twin.storageBackend),
    mode: 'Unplanned',
    rollBack: false,
  } as const;
  orderUnplanned(twin, request, consentKinds);
  runToEnd(twin, request);
  faults.heal(loss.id);
  twin.world.runUntil(twin.world.now + 10 * minute);
}

/** A VM that only starts when it is told to, and quorum taints on the way. */
function manual(twin: Twin): void {
  const place = { api: 'kube', site: 'cluster1', namespace: 'default', name: 'vm-1' } as const;
  mustApply(twin, {
    ...place,
    resource: resources.virtualMachine,
    verb: 'patch',
    patch: 'merge',
    body: { spec: { running: null, runStrategy: 'Manual' } },
  });
  new FaultBoard(twin, drillFaultKinds).inject({ kind: 'taint-flap' }, twin.world.wall());
  planned(twin);
}

/** An operation of the past, on the site that was its target. */
function recordEnded(twin: Twin, name: string): void {
  createOperation(twin, plannedRequest(name, 'cluster1', 'cluster2'));
  const place = { api: 'kube', site: 'cluster2', namespace: 'default', name, resource: resources.failover } as const;
  const status = { phase: 'Succeeded', completionTime: '2025-12-01T00:00:00Z' };
  mustApply(twin, { ...place, verb: 'patch', subresource: 'status', patch: 'merge', body: { status } });
}

/** Copies are brought together, or compared, by the controller. */
function recovery(twin: Twin, wanted: RecoveryRequest): void {
  for (let index = 0; index < historyLimit; index++)
    recordEndedRecovery(twin, { ...verifyRequest, name: `op-${index}` });
  const request = accepted(twin, wanted);
  recordRecovery(twin, request);
  runRecovery(twin, request);
  twin.world.runUntil(twin.world.now + 2 * minute);
}

function recordEndedRecovery(twin: Twin, request: RecoveryRequest): void {
  recordRecovery(twin, request);
  const { driver: site, name } = request;
  const place = { api: 'kube', site, namespace: 'default', name, resource: resources.recovery } as const;
  const status = { phase: 'Succeeded', completionTime: '2025-12-01T00:00:00Z' };
  mustApply(twin, { ...place, verb: 'patch', subresource: 'status', patch: 'merge', body: { status } });
}

const proxyVerbs = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const;

/** What a request needs by Kubernetes' rules: `patch protectiongroups.siterecovery.trilio.io/status`. */
export function permissionsOf(request: ApiRequest): readonly string[] {
  // Where LINSTOR has no other way in, through the API server, which makes verbs of HTTP's methods.
  if (request.api === 'linstor') return [`${proxyVerbs[request.method]} services/proxy`];
  // A command over WebSocket is a GET, which newer servers let create as well.
  if (request.api === 'exec') return ['create pods/exec', 'get pods/exec'];
  const { verb, resource, subresource } = request;
  return [`${verb} ${groupResourceOf(resource)}${subresource === undefined ? '' : `/${subresource}`}`];
}
