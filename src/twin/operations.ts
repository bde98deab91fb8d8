import type { Cluster } from '../drivers/sim/cluster.ts';
import type { Origin } from '../drivers/sim/network.ts';
import type { World } from '../drivers/sim/world.ts';
import type { FailoverContext } from '../machines/failover/context.ts';
import type { FailoverView } from '../model/failover-view.ts';
import type { MachineRecord } from '../machines/definition.ts';
import { type FailoverRequest, failoverRequestOf } from '../model/failover.ts';
import { type KubeObject, resources } from '../model/kube.ts';
import { isSignificant } from '../model/significance.ts';
import type { SiteName } from '../model/site.ts';
import { failoverJournal } from '../runtime/failover-journal.ts';
import { concernsNamespace, gatherTime } from '../runtime/group-schedule.ts';
import { concernsOperation, operationHolder, operationPoll, TakingUp } from '../runtime/operation-schedule.ts';
import { SimHost } from '../runtime/sim-host.ts';
import { begin } from '../runtime/step.ts';
import type { ControllerLog } from './controller-log.ts';
import type { HostSet } from './hosts.ts';

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
    poll: operationPoll,
    journal: failoverJournal,
    ...(options.onRecord === undefined ? {} : { onRecord: options.onRecord }),
  });
  hosts.start(host, origin);
  wakeOnChanges(world, hosts, host, request);
  return host;
}

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
      if (!concernsNamespace(change.object, request.namespace)) return;
      if (!concernsOperation(change, host.record.state)) return;
      if (isSignificant(change)) hosts.wakeSoon(host.id, gatherTime);
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
  const takingUp = new TakingUp(cluster.name);
  const consider = (operation: KubeObject): void => {
    const taken = takingUp.consider(operation, world.wallAt(cluster.name));
    if (taken === undefined) return;
    const request = failoverRequestOf(operation);
    const { isDue, considerAt } = taken;
    const id = operationHolder(cluster.name, operation);
    world.schedule(
      world.worldTimeOf(considerAt, cluster.name) - world.now,
      kind,
      `${request.namespace}/${request.name}`,
    );
    if (!isDue || hosts.get(id) !== undefined || !settings.isAlive()) return;
    let logged: string | undefined;
    startOperationHost(world, hosts, cluster.name, {
      id,
      request,
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
