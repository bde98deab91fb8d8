import type { Cluster } from '../drivers/sim/cluster.ts';
import type { Origin } from '../drivers/sim/network.ts';
import type { World } from '../drivers/sim/world.ts';
import type { FailoverContext } from '../machines/failover/context.ts';
import type { FailoverView } from '../model/failover-view.ts';
import type { MachineRecord } from '../machines/definition.ts';
import { type FailoverRequest, failoverRequestOf, isUnfinished } from '../model/failover.ts';
import { type Instant, instantOf, type Millis, second } from '../model/instant.ts';
import { type KubeObject, resources } from '../model/kube.ts';
import { leaseDuration, leaseRenewal } from '../model/lease.ts';
import { isSignificant } from '../model/significance.ts';
import type { SiteName } from '../model/site.ts';
import { failoverJournal } from '../runtime/failover-journal.ts';
import { SimHost } from '../runtime/sim-host.ts';
import { begin } from '../runtime/step.ts';
import type { ControllerLog } from './controller-log.ts';
import type { HostSet } from './hosts.ts';

/** How often an operation looks again while no watch tells it to; LINSTOR, which has no watch, is asked more often. */
const watchedPoll = 10 * second;
const storagePoll = 2 * second;
const waitsForStorage: ReadonlySet<string> = new Set(['awaitingRelease', 'removingTaints', 'startingTarget']);

function pollIn(state: string): Millis {
  // A Lease that is not renewed any more is noticed by looking as often as it is renewed.
  if (state === 'acquiringLease') return leaseRenewal;
  return waitsForStorage.has(state) ? storagePoll : watchedPoll;
}

export const failoverControllerName = 'failover-controller';

export interface OperationHostOptions {
  readonly id: string;
  readonly request: FailoverRequest;
  readonly holder: string;
  readonly otherSites: readonly SiteName[];
  readonly patient: boolean;
  readonly onRecord?: (record: MachineRecord<FailoverContext>) => void;
}

/** Starts a host that drives one operation from a place of the world. */
export function startOperationHost(
  world: World,
  hosts: HostSet,
  origin: Origin,
  options: OperationHostOptions,
): SimHost<FailoverContext, FailoverView> {
  const { request, holder, otherSites, patient } = options;
  const definition = hosts.machines.failover;
  const now = world.wallAt(origin);
  const { record } = begin(definition, { request, holder, otherSites, patient, now }, now);
  const host = new SimHost({
    id: options.id,
    definition,
    record,
    transport: hosts.transportAt(origin),
    poll: pollIn,
    journal: failoverJournal,
    ...(options.onRecord === undefined ? {} : { onRecord: options.onRecord }),
  });
  hosts.start(host, origin);
  wakeOnChanges(world, hosts, host, request);
  return host;
}

const decidesWhoDrives: ReadonlySet<string> = new Set([resources.lease.plural, resources.failover.plural]);

// As a controller's watches do: a change of the group, its VMs or their pods is looked at soon, not at the next poll.
function wakeOnChanges(
  world: World,
  hosts: HostSet,
  host: SimHost<FailoverContext, FailoverView>,
  request: FailoverRequest,
): void {
  for (const site of [request.source, request.target]) {
    const unsubscribe = world.cluster(site).api.onChange((change) => {
      if (hosts.get(host.id) === undefined) {
        unsubscribe();
        return;
      }
      const { namespace } = change.object.metadata;
      if (namespace !== undefined && namespace !== request.namespace) return;
      // Who waits for another to let go is concerned by the Lease and the operation alone.
      if (host.record.state === 'acquiringLease' && !decidesWhoDrives.has(change.resource.plural)) return;
      if (isSignificant(change)) hosts.wakeSoon(host.id, 100);
    });
  }
}

/**
 * The Failover Controller of one cluster, inside the world: it drives every operation towards its cluster that nobody
 * else drives, from where its journal left it. A new operation is left to the one who created it for a while.
 */
export function runFailoverController(
  world: World,
  cluster: Cluster,
  hosts: HostSet,
  settings: {
    readonly otherSitesOf: (request: FailoverRequest) => readonly SiteName[];
    readonly isAlive: () => boolean;
    readonly log: ControllerLog;
  },
): void {
  const kind = `operations.${cluster.name}`;
  const consider = (operation: KubeObject): void => {
    const request = failoverRequestOf(operation);
    const id = `${failoverControllerName}/${cluster.name}/${request.namespace}/${request.name}`;
    if (request.target !== cluster.name || !isUnfinished(operation)) return;
    // It is looked at until it has ended: the controller's own pod may be down now, or its host may end before.
    const now = world.wallAt(cluster.name);
    const isNew = now < firstLook(operation, now);
    const nextLook = isNew ? firstLook(operation, now) : now + leaseDuration;
    world.schedule(world.worldTimeOf(nextLook, cluster.name) - world.now, kind, `${request.namespace}/${request.name}`);
    if (isNew || hosts.get(id) !== undefined || !settings.isAlive()) return;
    let logged: string | undefined;
    startOperationHost(world, hosts, cluster.name, {
      id,
      request,
      // Of this operation alone: two operations on one group exclude each other in one process as well.
      holder: id,
      otherSites: settings.otherSitesOf(request),
      patient: true,
      onRecord: ({ state }) => {
        if (state === logged) return;
        logged = state;
        settings.log.write({ level: 'info', message: 'failover_step', keys: { failover: request.name, state } });
      },
    });
  };
  world.route(kind, (event) => {
    const [namespace = '', name = ''] = event.key.split('/');
    const operation = cluster.api.get(resources.failover, namespace, name);
    if (operation !== undefined) consider(operation);
  });
  cluster.api.onChange(({ type, resource, object }) => {
    if (resource.plural === resources.failover.plural && type === 'ADDED') consider(object);
  });
}

function firstLook(operation: KubeObject, now: Instant): Instant {
  return (instantOf(operation.metadata.creationTimestamp) ?? now) + leaseDuration;
}
