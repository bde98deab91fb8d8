import { type Instant, type Millis, minute } from '../model/instant.ts';
import { operatorReplicatedClass } from '../drivers/sim/drbd-operator/operator-objects.ts';
import { type JsonObject, textAt } from '../model/json.ts';
import { resources } from '../model/kube.ts';
import type { ApiRequest, KubeRequest, Outcome } from '../model/request.ts';
import { applyObjects, demoShape, demoVirtualMachine, type VirtualMachineShape } from '../twin/demo-objects.ts';
import { drillFaultKinds } from '../twin/faults/drill-kinds.ts';
import { FaultBoard } from '../twin/faults/fault-board.ts';
import type { TwinMachines } from '../twin/machines.ts';
import { protectGroup } from '../twin/protect.ts';
import { buildTwin, type Twin } from '../twin/twin.ts';
import type { MachineStep } from './coverage/machine-probe.ts';
import { Looks } from './looks.ts';
import { plantedSecret, plantedSecretObject } from './planted-secret.ts';
import { sitesOf, stageSites } from './stage-sites.ts';
import { addReplicas, policySettings, provisionedAt, storageProperties } from './storage-layout.ts';
import type { Tape, TapeStorage, TapeTopology } from './tape.ts';

const epoch: Instant = 1_767_225_600_000;

/** Where every group of a stage lives. */
export const stageNamespace = 'default';
/** The group that is meant where none is named. */
export const firstGroup = 'pg';

/** The group of that name, which must exist. */
export function groupNamed({ groups }: Stage, name: string): StagedGroup {
  const group = groups.find((each) => each.name === name);
  if (group === undefined) throw new Error(`There is no group ${name} on this stage`);
  return group;
}

/** A request of a host, as it was sent and what came of it in the world, whatever the host has heard. */
export interface SentRequest {
  readonly host: string;
  readonly request: ApiRequest;
  readonly outcome: Outcome | { readonly kind: 'hang' };
  /** World time at which its host sent it: where the way is slow that is a while ago. */
  readonly sentAt: Millis;
}

/** A protection group, as it was when the run began. */
export interface StagedGroup {
  readonly name: string;
  /** Its VMs. */
  readonly members: readonly string[];
  /** LINSTOR resources of their disks. */
  readonly volumes: readonly string[];
}

/** The world of a run, with what its watchers need to hear of. */
export interface Stage {
  readonly tape: Tape;
  readonly twin: Twin;
  readonly faults: FaultBoard;
  readonly groups: readonly StagedGroup[];
  /** Called for every request of a host that reached its server. */
  readonly onRequest: Listeners<SentRequest>;
  /** Called for every step of a machine. */
  readonly onStep: Listeners<MachineStep>;
  /** What protecting the groups has sent. */
  readonly copies: readonly KubeRequest[];
  /** When each host, by its id, has read anything; never, for one that is shown the past. */
  readonly looks: Looks;
  /** When each host has seen the objects of a type on a site as they were then (`sightOf`). */
  readonly sights: Looks;
}

export interface Listeners<Event> {
  add(listener: (event: Event) => void): void;
  tell(event: Event): void;
}

/** Builds the world of a tape: the VMs run on the first site, protected, and everything has settled. */
export function setStage(tape: Tape, definitions: readonly JsonObject[], machines?: TwinMachines): Stage {
  const { topology, seed } = tape;
  const { storage = {} } = topology;
  const [ofProduct, ofOperator] = parted(definitions);
  const twin = buildTwin({
    seed,
    epoch,
    speed: 1,
    kubernetesVersion: 'v1.30.6',
    linstorUrl: 'http://linstor-controller.invalid:3370',
    sites: sitesOf(topology),
    linstorProperties: storageProperties(storage),
    ...(storage.backend === undefined
      ? {}
      : { drbdOperator: { definitions: ofOperator, policy: policySettings(storage) } }),
    definitions: ofProduct,
    withDeployments: false,
    // Nothing of a drill asks for them yet, and each is a write.
    heartbeats: false,
    history: false,
    events: false,
    trustsInsiders: true,
    ...(machines === undefined ? {} : { machines }),
  });
  const [source, target] = stageSites;
  const groups = dealOut(topology);
  applyObjects(twin.world.cluster(source).api, [plantedSecretObject(stageNamespace)]);
  for (const name of groups.flatMap(({ members }) => members))
    applyObjects(twin.world.cluster(source).api, demoVirtualMachine(name, stageNamespace, shapeOf(name, storage)));
  twin.world.runUntil(provisionedAt);
  for (const volume of twin.kernel.resourceNames()) addReplicas(twin, volume, storage);
  twin.world.runUntil(2 * minute);
  const copies = groups.flatMap(({ name: group, members }) =>
    protectGroup(twin, { namespace: stageNamespace, group, source, target, virtualMachines: members }),
  );
  const staged = groups.map((group) => ({ ...group, volumes: group.members.flatMap((vm) => volumesOf(twin, vm)) }));
  twin.world.runUntil(3 * minute);
  return {
    tape,
    twin,
    faults: new FaultBoard(twin, drillFaultKinds),
    groups: staged,
    onRequest: listeners(),
    onStep: listeners(),
    copies,
    looks: new Looks(),
    sights: new Looks(),
  };
}

/** One VM has user data in a Secret, which is to show nowhere else. */
function shapeOf(vm: string, { backend }: TapeStorage): VirtualMachineShape {
  return {
    ...demoShape,
    ...(backend === undefined ? {} : { storageClass: operatorReplicatedClass }),
    ...(vm === 'vm-1' ? { userDataSecret: plantedSecret } : {}),
  };
}

/** The resource types of the product, and those of DRBD Operator. */
function parted(definitions: readonly JsonObject[]): readonly [readonly JsonObject[], readonly JsonObject[]] {
  const isOfOperator = (each: JsonObject): boolean => textAt(each, 'spec', 'group') === resources.drbdVolume.group;
  return [definitions.filter((each) => !isOfOperator(each)), definitions.filter(isOfOperator)];
}

/** The first group is `pg`; each VM goes to the next one in turn. */
function dealOut({ virtualMachines, groups = 1 }: TapeTopology): readonly Omit<StagedGroup, 'volumes'>[] {
  const count = Math.min(groups, virtualMachines);
  const all = Array.from({ length: virtualMachines }, (_, index) => `vm-${index + 1}`);
  return Array.from({ length: count }, (_, index) => ({
    name: index === 0 ? firstGroup : `${firstGroup}-${index + 1}`,
    members: all.filter((_vm, number) => number % count === index),
  }));
}

/** Of a VM that runs on the first site: a volume has the same name on all sites. */
function volumesOf(twin: Twin, vm: string): readonly string[] {
  return twin.guests.executing(stageNamespace, vm).flatMap(({ disks }) => disks);
}

function listeners<Event>(): Listeners<Event> {
  const all: ((event: Event) => void)[] = [];
  return {
    add: (listener) => {
      all.push(listener);
    },
    tell: (event) => {
      for (const listener of all) listener(event);
    },
  };
}
