import type { JsonObject } from '../model/json.ts';
import { textAt } from '../model/json.ts';
import { type Instant, type Millis, minute, second } from '../model/instant.ts';
import { resources } from '../model/kube.ts';
import type { OperatorSettings } from '../drivers/sim/build-world.ts';
import { operatorReplicatedClass } from '../drivers/sim/drbd-operator/operator-objects.ts';
import type { SiteTopology } from '../drivers/sim/site-topology.ts';
import { applyObjects, demoShape, demoVirtualMachine } from '../twin/demo-objects.ts';
import { type Twin, buildTwin } from '../twin/twin.ts';
import { labVirtualMachines } from './lab-sites.ts';

/** The release that the lab's API servers name; the one of the product page's examples. */
export const kubernetesVersion = 'v1.30.6';

export interface LabTwinSettings {
  readonly sites: readonly SiteTopology[];
  readonly seed: number;
  /** World milliseconds per real millisecond. */
  readonly speed: number;
  /** Wall time at which the lab is to be ready. */
  readonly readyAt: Instant;
  /** Where LINSTOR's REST API answers; absent where DRBD Operator keeps the volumes. */
  readonly linstorUrl: string | undefined;
  readonly drbdOperator: OperatorSettings | undefined;
  readonly definitions: readonly JsonObject[];
  /** False: the product's controllers are not in the lab; they can be run against it. */
  readonly withControllers: boolean;
}

/** How long a world may need until its VMs run; it is lived through in a moment, before anybody looks. */
const longestWarmUp: Millis = 10 * minute;

/** The world goes on for this long after that, so that leases, reports and statuses have settled. */
const settling: Millis = 30 * second;

/** A twin in which everything runs that runs in a lab from the start. Its clock shows `readyAt`. */
export function warmTwin(settings: LabTwinSettings): Twin {
  const length = warmUpLength(settings);
  const twin = coldTwin(settings, settings.readyAt - Math.ceil(length / settings.speed));
  twin.world.runUntil(length);
  return twin;
}

/** A first world tells how long warming up takes; the second begins as much earlier. Same seed, same life. */
function warmUpLength(settings: LabTwinSettings): Millis {
  const twin = coldTwin(settings, settings.readyAt);
  while (!everythingRuns(twin)) {
    if (twin.world.now > longestWarmUp) throw new Error(`The lab's VMs do not start: ${waitingFor(twin).join('; ')}`);
    twin.world.runUntil(twin.world.now + second);
  }
  return twin.world.now + settling;
}

function coldTwin(settings: LabTwinSettings, epoch: Instant): Twin {
  const { sites, seed, speed, linstorUrl, drbdOperator, definitions, withControllers } = settings;
  const twin = buildTwin({
    sites,
    seed,
    speed,
    epoch,
    kubernetesVersion,
    ...(linstorUrl === undefined ? {} : { linstorUrl }),
    ...(drbdOperator === undefined ? {} : { drbdOperator }),
    definitions,
    withControllers,
    withDeployments: true,
    heartbeats: true,
    history: true,
  });
  const primary = sites.find((site) => site.role === 'primary');
  if (primary !== undefined) {
    const { api } = twin.world.cluster(primary.name);
    const shape = drbdOperator === undefined ? demoShape : { ...demoShape, storageClass: operatorReplicatedClass };
    for (const name of labVirtualMachines) applyObjects(api, demoVirtualMachine(name, 'default', shape));
  }
  return twin;
}

function everythingRuns(twin: Twin): boolean {
  return waitingFor(twin).length === 0;
}

/** What does not run yet, in words. */
function waitingFor({ world }: Twin): readonly string[] {
  return [...world.clusters.values()].flatMap(({ name, api }) => [
    ...api
      .list(resources.virtualMachine)
      .filter((vm) => textAt(vm, 'status', 'printableStatus') !== 'Running')
      .map((vm) => `${name}: VM ${vm.metadata.name} is ${textAt(vm, 'status', 'printableStatus') ?? 'unknown'}`),
    ...api
      .list(resources.pod)
      .filter((pod) => textAt(pod, 'status', 'phase') !== 'Running')
      .map((pod) => `${name}: pod ${pod.metadata.name} is ${textAt(pod, 'status', 'phase') ?? 'unknown'}`),
  ]);
}
