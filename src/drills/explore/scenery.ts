import { failoverDefinition } from '../../machines/failover/definition.ts';
import type { ProtectionGroupContext } from '../../machines/protection-group/context.ts';
import { protectionGroupDefinition } from '../../machines/protection-group/definition.ts';
import type { FailoverRequest } from '../../model/failover.ts';
import { type Json, type JsonObject, listAt, objectAt, textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import { type ApiRequest, commandLine, type Outcome } from '../../model/request.ts';
import { replicatedResourceOf, volumeNameOf } from '../../model/volume.ts';
import { begin } from '../../runtime/step.ts';
import { pageTimeouts } from '../../twin/planned-run.ts';
import { answerTo } from '../../twin/protect.ts';
import { firstGroup, setStage, stageNamespace } from '../stage.ts';
import { sites } from './cells.ts';
import { now } from './essence.ts';

/** The objects of a group that runs on the first site, protected and settled: what the small world moves, and what stands around it. */
export interface Scenery {
  /** Of each site of the group. */
  readonly groups: readonly KubeObject[];
  readonly nodes: readonly KubeObject[];
  readonly virtualMachines: readonly MachineScenery[];
  /** The answers to reads of what never changes, by `readName`. */
  readonly answers: ReadonlyMap<string, Outcome>;
}

/** A VM with what there is of it on each of the two sites while it runs there. */
export interface MachineScenery {
  readonly machines: readonly KubeObject[];
  readonly instances: readonly KubeObject[];
  readonly pods: readonly KubeObject[];
  readonly attachments: readonly KubeObject[];
  /** LINSTOR's entries of its volume's replicas. */
  readonly replicas: readonly JsonObject[];
}

/** The one group of the small world. */
export const smallGroup = { namespace: stageNamespace, group: firstGroup } as const;

/** The orders that a person may give, in the order of their numbers: there, and back. */
export const orders: readonly FailoverRequest[] = [orderOf('away', 0, 1), orderOf('back', 1, 0)];

/** Further sites whose Lease is taken. */
export const otherSites = [sites[2]];

/** Takes the scenery from the full simulated world: there the objects are made as their originals make them. */
export function takeScenery(virtualMachines: number, definitions: readonly JsonObject[]): Scenery {
  const topology = { nodes: 1, quorumSite: true, virtualMachines };
  const { twin, groups } = setStage({ seed: 1, topology, timeouts: pageTimeouts, items: [] }, definitions);
  const members = groups.flatMap((group) => group.members);
  const answers = new Map<string, Outcome>();
  for (const request of everyRead()) answers.set(readName(request), answerTo(twin, request));
  const listed = (site: number, plural: string): readonly KubeObject[] =>
    listAt(bodyOf(answers.get(`${sites[site]} list ${plural}`)), 'items') as unknown as readonly KubeObject[];
  const onBoth = <Value>(find: (site: number) => Value): readonly Value[] => [find(0), find(1)];
  return {
    groups: onBoth((site) => mustHave(listed(site, resources.protectionGroup.plural)[0], 'ProtectionGroup')),
    nodes: onBoth((site) => mustHave(listed(site, resources.node.plural)[0], 'Node')),
    virtualMachines: members.map((name) => machineScenery(name, listed, bodyOf(answers.get('/v1/view/resources')))),
    answers,
  };
}

/** Names a read so that two of the same thing have the same name. */
export function readName(request: ApiRequest): string {
  if (request.api === 'linstor') return request.path;
  if (request.api === 'exec') return `${request.site} exec ${request.pod} ${commandLine(request)}`;
  const { site, verb, resource, name } = request;
  return `${site} ${verb} ${resource.plural}${name === undefined ? '' : ` ${name}`}`;
}

function orderOf(name: string, source: number, target: number): FailoverRequest {
  return {
    name,
    ...smallGroup,
    source: sites[source] ?? '',
    target: sites[target] ?? '',
    mode: 'Planned',
    rollBack: true,
    timeouts: pageTimeouts,
    requestedBy: { user: 'operator', host: 'desk', client: 'pgctl' },
  };
}

/** With what the Protection Group Controller of a site begins. */
export function controllerInput(site: string): ProtectionGroupContext {
  const others = sites.slice(0, 2).filter((each) => each !== site);
  return {
    site,
    ...smallGroup,
    otherSites: others,
    clusterRole: null,
    patience: null,
    connectingSince: null,
    inDoubt: false,
  };
}

/** Whatever a machine of the product reads in the most curious of its states. */
function everyRead(): readonly ApiRequest[] {
  const ofOperations = orders.flatMap((request) => {
    const { record } = begin(failoverDefinition, { request, holder: '', otherSites, patient: false, now }, now);
    return failoverDefinition.reads('preflight', record.context);
  });
  const ofGroups = sites.slice(0, 2).flatMap((site) => {
    const input = controllerInput(site);
    const { record } = begin(protectionGroupDefinition, input, now);
    return protectionGroupDefinition.reads(record.state, record.context);
  });
  return [...ofOperations, ...ofGroups].map(({ request }) => request);
}

function machineScenery(
  name: string,
  listed: (site: number, plural: string) => readonly KubeObject[],
  replicas: Json,
): MachineScenery {
  const machines = [0, 1].map((site) => named(listed(site, resources.virtualMachine.plural), name));
  const claim = named(
    listed(0, resources.persistentVolumeClaim.plural),
    textAt(claimsOf(machines[0]), 'claimName') ?? '',
  );
  const volume = named(listed(0, resources.persistentVolume.plural), volumeNameOf(claim) ?? '');
  const instance = named(listed(0, resources.virtualMachineInstance.plural), name);
  const isOfVolume = (object: KubeObject): boolean =>
    textAt(object, 'spec', 'source', 'persistentVolumeName') === volume.metadata.name;
  const pod = listed(0, resources.pod.plural).find(({ metadata }) => metadata.labels?.['vm.kubevirt.io/name'] === name);
  const attachment = listed(0, resources.volumeAttachment.plural).find(isOfVolume);
  const onBoth = (object: KubeObject | undefined): readonly KubeObject[] => {
    const here = mustHave(object, name);
    return [here, movedTo(here, machines)];
  };
  return {
    machines: machines.map(({ status: _status, ...machine }) => machine as KubeObject),
    instances: onBoth(instance),
    pods: onBoth(pod),
    attachments: onBoth(attachment),
    replicas: [0, 1].map((site) => replicaOf(replicas, replicatedResourceOf(volume) ?? '', `${sites[site]}-node-1`)),
  };
}

function claimsOf(machine: KubeObject | undefined): Json {
  return objectAt(listAt(machine, 'spec', 'template', 'spec', 'volumes')[0], 'persistentVolumeClaim');
}

/** What runs on the first site as it is when it runs on the second: another node, another VM object that owns it. */
function movedTo(object: KubeObject, machines: readonly KubeObject[]): KubeObject {
  const text = JSON.stringify(object)
    .replaceAll(`${sites[0]}-node-1`, `${sites[1]}-node-1`)
    .replaceAll(machines[0]?.metadata.uid ?? '', machines[1]?.metadata.uid ?? '');
  return JSON.parse(text) as KubeObject;
}

function replicaOf(replicas: Json, resource: string, node: string): JsonObject {
  const all = Array.isArray(replicas) ? (replicas as readonly JsonObject[]) : [];
  const found = all.find((entry) => textAt(entry, 'name') === resource && textAt(entry, 'node_name') === node);
  return mustHave(found, `replica of ${resource} on ${node}`);
}

function named(objects: readonly KubeObject[], name: string): KubeObject {
  return mustHave(
    objects.find(({ metadata }) => metadata.name === name),
    name,
  );
}

function bodyOf(outcome: Outcome | undefined): Json {
  return outcome?.kind === 'applied' ? outcome.body : null;
}

function mustHave<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`The full world shows no ${what}`);
  return value;
}
