import type { Cluster } from '../drivers/sim/cluster.ts';
import type { Origin } from '../drivers/sim/network.ts';
import type { World } from '../drivers/sim/world.ts';
import type { FailoverContext } from '../machines/failover/context.ts';
import type { OperationContext } from '../machines/operation/context.ts';
import type { RecoveryContext } from '../machines/recovery/context.ts';
import type { FailoverView } from '../model/failover-view.ts';
import type { MachineDefinition, MachineRecord } from '../machines/definition.ts';
import { type FailoverRequest, failoverRequestOf } from '../model/failover.ts';
import { type KubeObject, type ResourceType, resources } from '../model/kube.ts';
import { isRecovery, operationSites } from '../model/operation-sites.ts';
import { type RecoveryRequest, recoveryRequestOf } from '../model/recovery/recovery-request.ts';
import type { RecoveryView } from '../model/recovery/recovery-view.ts';
import { isSignificant } from '../model/significance.ts';
import type { SiteName } from '../model/site.ts';
import { failoverJournal } from '../runtime/failover-journal.ts';
import { concernsNamespace, gatherTime } from '../runtime/group-schedule.ts';
import type { Journal } from '../runtime/journal.ts';
import { concernsOperation, operationHolder, operationPoll, TakingUp } from '../runtime/operation-schedule.ts';
import { recoveryJournal } from '../runtime/recovery-journal.ts';
import { SimHost } from '../runtime/sim-host.ts';
import { begin } from '../runtime/step.ts';
import type { ControllerLog } from './controller-log.ts';
import type { HostSet } from './hosts.ts';

export interface OperationHostOptions<Request, Context> {
  readonly id: string;
  readonly request: Request;
  readonly holder: string;
  readonly otherSites: readonly SiteName[];
  readonly patient: boolean;
  readonly onRecord?: (record: MachineRecord<Context>) => void;
}

/** Starts a host that drives one failover from a place of the world. */
export function startOperationHost(
  world: World,
  hosts: HostSet,
  origin: Origin,
  options: OperationHostOptions<FailoverRequest, FailoverContext>,
): SimHost<FailoverContext, FailoverView> {
  const { source, target } = options.request;
  const machine = { definition: hosts.machines.failover, journal: failoverJournal };
  return startHost(world, hosts, origin, machine, { ...options, sites: [source, target] });
}

/** Starts a host that drives one recovery from a place of the world. */
export function startRecoveryHost(
  world: World,
  hosts: HostSet,
  origin: Origin,
  options: OperationHostOptions<RecoveryRequest, RecoveryContext>,
): SimHost<RecoveryContext, RecoveryView> {
  const { driver, other } = options.request;
  const machine = { definition: hosts.machines.recovery, journal: recoveryJournal };
  return startHost(world, hosts, origin, machine, { ...options, sites: [driver, other] });
}

function startHost<Request extends { readonly namespace: string }, Context extends OperationContext, View>(
  world: World,
  hosts: HostSet,
  origin: Origin,
  { definition, journal }: { definition: MachineDefinition<Context, View>; journal: Journal<Context> },
  options: OperationHostOptions<Request, Context> & { readonly sites: readonly SiteName[] },
): SimHost<Context, View> {
  const { id, request, holder, otherSites, patient, sites, onRecord } = options;
  const now = world.wallAt(origin);
  const { record } = begin(definition, { request, holder, otherSites, patient, now }, now);
  const host = new SimHost({
    id,
    definition,
    record,
    transport: hosts.transportAt(origin),
    poll: operationPoll,
    journal,
    ...(onRecord === undefined ? {} : { onRecord }),
  });
  hosts.start(host, origin);
  wakeOnChanges(world, hosts, host, { sites, namespace: request.namespace });
  return host;
}

// As a controller's watches do: a change of the group, its VMs or their pods is looked at soon, not at the next poll.
function wakeOnChanges(
  world: World,
  hosts: HostSet,
  host: { readonly id: string; readonly record: { readonly state: string } },
  { sites, namespace }: { readonly sites: readonly SiteName[]; readonly namespace: string },
): void {
  for (const site of sites) {
    const unsubscribe = world.cluster(site).api.onChange((change) => {
      if (hosts.get(host.id) === undefined) {
        unsubscribe();
        return;
      }
      if (!concernsNamespace(change.object, namespace)) return;
      if (!concernsOperation(change, host.record.state)) return;
      if (isSignificant(change)) hosts.wakeSoon(host.id, gatherTime);
    });
  }
}

/** The kinds of objects that are operations. */
const operationTypes: readonly ResourceType[] = [resources.failover, resources.recovery];

/**
 * The Failover Controller of one cluster, inside the world: it drives every operation whose home is its cluster and that nobody
 * else drives, from where its journal left it. A new operation is left to the one who created it for a while.
 */
export function runFailoverController(
  world: World,
  cluster: Cluster,
  hosts: HostSet,
  settings: {
    readonly otherSitesOf: (sites: { readonly home: SiteName; readonly peer: SiteName }) => readonly SiteName[];
    readonly isAlive: () => boolean;
    readonly log: ControllerLog;
  },
): void {
  const kind = `operations.${cluster.name}`;
  const takingUp = new TakingUp(cluster.name);
  const consider = (operation: KubeObject): void => {
    const taken = takingUp.consider(operation, world.wallAt(cluster.name));
    if (taken === undefined) return;
    const { isDue, considerAt } = taken;
    const { namespace = 'default', name } = operation.metadata;
    const { plural } = isRecovery(operation) ? resources.recovery : resources.failover;
    world.schedule(world.worldTimeOf(considerAt, cluster.name) - world.now, kind, `${plural}/${namespace}/${name}`);
    const id = operationHolder(cluster.name, operation);
    if (!isDue || hosts.get(id) !== undefined || !settings.isAlive()) return;
    take(operation, id);
  };
  const take = (operation: KubeObject, id: string): void => {
    const otherSites = settings.otherSitesOf(operationSites(operation));
    let logged: string | undefined;
    const options = {
      id,
      holder: id,
      otherSites,
      patient: true,
      onRecord: ({ machine, state }: MachineRecord<unknown>) => {
        if (state === logged) return;
        logged = state;
        const keys = { [machine]: operation.metadata.name, state };
        settings.log.write({ level: 'info', message: `${machine}_step`, keys });
      },
    };
    if (isRecovery(operation))
      startRecoveryHost(world, hosts, cluster.name, { ...options, request: recoveryRequestOf(operation) });
    else startOperationHost(world, hosts, cluster.name, { ...options, request: failoverRequestOf(operation) });
  };
  world.route(kind, (event) => {
    const [plural, namespace = '', name = ''] = event.key.split('/');
    const resource = operationTypes.find((type) => type.plural === plural);
    const operation = resource && cluster.api.get(resource, namespace, name);
    if (operation !== undefined) consider(operation);
  });
  cluster.api.onChange(({ type, resource, object }) => {
    if (type === 'ADDED' && operationTypes.some(({ plural }) => plural === resource.plural)) consider(object);
  });
}
