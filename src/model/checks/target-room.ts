import type { Finding } from '../findings.ts';
import type { GroupView, SiteView } from '../group-view.ts';
import { listAt, numberAt, objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import { launcherPodsOf, podIsFinal } from '../launcher-pod.ts';
import { quorumTaintKeys } from '../gates.ts';
import { readingOfSite } from '../site-reading.ts';
import { rejectionsOf } from '../scheduling/node-filters.ts';
import { type Demand, type Placement, placementOf, roomOnNodes, shortages } from '../scheduling/node-room.ts';
import { type Amounts, requestsOfPod } from '../scheduling/pod-requests.ts';

/**
 * Nodes of the target take the VMs of a group, and have room for them: what their launcher pods request on the source, where they
 * run, against what the target's nodes have left. Asked only where all pods of the target were read.
 */
export function targetHasRoom(view: GroupView): readonly Finding[] {
  return roomFindings(view.target, `ProtectionGroup ${view.scope.group}`, virtualMachinesToStart(view));
}

/** The same where a person expects an autoscaler to add nodes: what has no room now is told of, and bars nothing. */
export function roomIsExpected(view: GroupView): readonly Finding[] {
  return targetHasRoom(view).map(nodesAreExpected);
}

/** The same for several groups that go to one target, together. */
export function targetHasRoomForAll(views: readonly GroupView[], withoutRoom: boolean): readonly Finding[] {
  const [first] = views;
  if (first === undefined) return [];
  const findings = roomFindings(first.target, `${views.length} groups`, views.flatMap(virtualMachinesToStart));
  return withoutRoom ? findings.map(nodesAreExpected) : findings;
}

function nodesAreExpected(finding: Finding): Finding {
  if (finding.id !== 'NoRoom') return finding;
  const remedy = `nodes are expected to be added (--without-room); ${finding.remedy}`;
  return { ...finding, severity: 'warning', remedy };
}

/** A VM that is to start on the target. */
interface VirtualMachineToStart {
  readonly name: string;
  /** What is known of the pod that it will have; the nodes are found for it. */
  readonly pod: KubeObject;
  /** The volumes that have to be reached from its node. */
  readonly volumes: readonly KubeObject[];
  /** Undefined where it does not run on the source: what its pod requests is up to KubeVirt and its instance type. */
  readonly launcher: KubeObject | undefined;
}

function virtualMachinesToStart({ source, target, virtualMachines }: GroupView): readonly VirtualMachineToStart[] {
  return virtualMachines.flatMap((name): readonly VirtualMachineToStart[] => {
    const there = target.virtualMachines.find((vm) => vm.name === name);
    const vm = valueNamed(source, 'virtualMachines', name) ?? valueNamed(target, 'virtualMachines', name);
    // One that runs there already takes up its room; one that is not there cannot be started.
    if (vm === undefined || there?.power.state !== 'stopped') return [];
    // The instance has everything that instance types and preferences add. A migrated pod is bound to more than that.
    const instance = valueNamed(source, 'instances', name);
    const spec = instance?.spec ?? objectAt(vm, 'spec', 'template', 'spec');
    const nodeSelector = { ...objectAt(spec, 'nodeSelector'), 'kubevirt.io/schedulable': 'true' };
    const volumes = there.claims.flatMap(({ volume }) => (volume.known ? (volume.value ?? []) : []));
    return [
      { name, pod: { ...vm, spec: { ...spec, nodeSelector } }, volumes, launcher: launcherOf(source, vm, instance) },
    ];
  });
}

function valueNamed(site: SiteView, subject: 'virtualMachines' | 'instances', name: string): KubeObject | undefined {
  const reading = readingOfSite(site, subject);
  return reading.known ? reading.value.find(({ metadata }) => metadata.name === name) : undefined;
}

function launcherOf(
  site: SiteView,
  { metadata }: KubeObject,
  instance: KubeObject | undefined,
): KubeObject | undefined {
  const pods = readingOfSite(site, 'pods');
  const key = { namespace: metadata.namespace ?? '', name: metadata.name };
  const launchers = pods.known ? launcherPodsOf(key, instance?.metadata.uid, pods.value) : [];
  return launchers.find((pod) => !podIsFinal(pod));
}

function roomFindings(target: SiteView, object: string, vms: readonly VirtualMachineToStart[]): readonly Finding[] {
  const { nodes, clusterPods } = target.readings.readings;
  if (nodes === undefined || clusterPods === undefined || vms.length === 0) return [];
  const untold = [nodes, clusterPods].flatMap((reading) => (reading.known ? [] : [reading.why]));
  if (!nodes.known || !clusterPods.known) return [roomUnknown(target, object, untold.join('; '))];
  const placed = vms.map((vm) => ({ vm, ...nodesFor(vm, nodes.value) }));
  const unplaceable = placed.filter(({ takenBy }) => takenBy.length === 0);
  if (unplaceable.length > 0) return unplaceable.map(({ vm, reasons }) => noNode(target, vm, reasons));
  const stopped = vms.filter(({ launcher }) => launcher === undefined).map(({ name }) => name);
  const demands = placed.flatMap(({ vm: { name, launcher }, takenBy }): readonly Demand[] =>
    launcher === undefined ? [] : [{ name, requests: requestsOfPod(launcher), nodes: takenBy }],
  );
  const launchers = vms.flatMap(({ launcher }) => launcher ?? []);
  return [
    ...(stopped.length === 0
      ? []
      : [roomUnknown(target, object, `${stopped.join(', ')} does not run: what its pod will request is not known`)]),
    ...demandFindings({ target, object, nodes: nodes.value, pods: clusterPods.value }, demands, launchers),
  ];
}

/** Where there has to be room, and what is there. */
interface Room {
  readonly target: SiteView;
  readonly object: string;
  readonly nodes: readonly KubeObject[];
  readonly pods: readonly KubeObject[];
}

function demandFindings(
  { target, object, nodes, pods }: Room,
  demands: readonly Demand[],
  launchers: readonly KubeObject[],
): readonly Finding[] {
  const rooms = roomOnNodes(nodes, pods);
  const silent = demands.flatMap((demand) => demand.nodes).find((node) => !rooms.has(node));
  if (silent !== undefined) return [roomUnknown(target, object, `node ${silent} does not say what it has`)];
  const placement = placementOf(demands, rooms);
  if (placement.kind === 'fits') return [];
  const priority = Math.min(...launchers.map(priorityOf));
  const staying = pods.filter((pod) => priorityOf(pod) >= priority);
  const byPreemption = placementOf(demands, roomOnNodes(nodes, staying)).kind === 'fits';
  return [noRoom(target, object, placement, rooms, byPreemption)];
}

/** Names of the nodes that take a VM's pod, and why the others do not. A failover takes quorum taints away before it starts anything. */
function nodesFor({ pod, volumes }: VirtualMachineToStart, nodes: readonly KubeObject[]) {
  const reasons = new Set<string>();
  const takenBy = nodes.filter((node) => {
    const taints = listAt(node, 'spec', 'taints').filter(
      (taint) => !quorumTaintKeys.includes(textAt(taint, 'key') ?? ''),
    );
    const found = rejectionsOf(pod, { ...node, spec: { ...node.spec, taints } }, volumes);
    for (const reason of found) reasons.add(reason);
    return found.length === 0;
  });
  return { takenBy: takenBy.map(({ metadata }) => metadata.name), reasons: [...reasons] };
}

function priorityOf(pod: KubeObject): number {
  return numberAt(pod, 'spec', 'priority') ?? 0;
}

function noNode({ site }: SiteView, { name }: VirtualMachineToStart, reasons: readonly string[]): Finding {
  return {
    id: 'NoNode',
    severity: 'error',
    site,
    object: `VirtualMachine ${name}`,
    what: `no node of ${site} takes ${name}`,
    why: reasons.length === 0 ? `${site} has no nodes` : reasons.join('; '),
    remedy: `see which node could take it: kubectl --kubeconfig <kubeconfig of ${site}> describe nodes`,
  };
}

function roomUnknown({ site }: SiteView, object: string, why: string): Finding {
  return {
    id: 'RoomUnknown',
    severity: 'warning',
    site,
    object,
    what: `whether ${site} has room for all VMs is not known`,
    why,
    remedy: `see what its nodes have left: kubectl --kubeconfig <kubeconfig of ${site}> describe nodes`,
  };
}

function noRoom(
  { site }: SiteView,
  object: string,
  placement: Exclude<Placement, { kind: 'fits' }>,
  rooms: ReadonlyMap<string, Amounts>,
  byPreemption: boolean,
): Finding {
  const remedy = `make room, or add a node, or begin all the same where an autoscaler adds nodes (--without-room); what has been requested: kubectl --kubeconfig <kubeconfig of ${site}> describe nodes`;
  const common = { site, remedy, object };
  if (placement.kind === 'tight') {
    const what = `${site} may have no room for all VMs`;
    return {
      ...common,
      id: 'RoomTight',
      severity: 'warning',
      what,
      why: 'there is enough in total, but hardly on single nodes',
    };
  }
  const { what, why } =
    placement.kind === 'noRoomFor' ? lackFor(site, placement.demand, rooms) : lackInAll(site, placement);
  if (!byPreemption) return { ...common, id: 'NoRoom', severity: 'error', what, why };
  return {
    ...common,
    id: 'RoomByPreemption',
    severity: 'warning',
    what,
    why: `${why}; pods of lower priority will have to go`,
  };
}

function lackFor(site: string, { name, requests, nodes }: Demand, rooms: ReadonlyMap<string, Amounts>) {
  const lacks = nodes.map((node) => {
    const left = rooms.get(node) ?? {};
    return `${node} has ${shortages(requests, left)
      .map((each) => amountText(each, left[each] ?? 0))
      .join(' and ')} left`;
  });
  const requested = [...new Set(nodes.flatMap((node) => shortages(requests, rooms.get(node) ?? {})))];
  const wants = requested.map((each) => amountText(each, requests[each] ?? 0)).join(' and ');
  const more = lacks.length > 3 ? [`and so on for ${lacks.length - 3} more`] : [];
  return {
    what: `${site} has no room for ${name}`,
    why: `it requests ${wants}; ${[...lacks.slice(0, 3), ...more].join(', ')}`,
  };
}

function lackInAll(site: string, { resource, requested, left }: Extract<Placement, { kind: 'tooMany' }>) {
  return {
    what: `${site} has no room for all VMs`,
    why: `they request ${amountText(resource, requested)}; the nodes that take them have ${amountText(resource, left)} left`,
  };
}

/** `cpu 100m`, `memory 800Mi`, `pods 3`. */
function amountText(resource: string, amount: number): string {
  if (resource === 'cpu') return `cpu ${amount}m`;
  const isOfBytes = resource === 'memory' || resource === 'ephemeral-storage' || resource.startsWith('hugepages-');
  return isOfBytes ? `${resource} ${Math.floor(amount / 2 ** 20)}Mi` : `${resource} ${amount}`;
}
