import type { FailoverTimeouts } from '../model/failover.ts';
import { type Instant, minute, second } from '../model/instant.ts';
import type { JsonObject } from '../model/json.ts';
import type { SiteTopology } from '../drivers/sim/site-topology.ts';
import { applyObjects, demoVirtualMachine, type VirtualMachineShape } from './demo-objects.ts';
import { runPlanned } from './planned-run.ts';
import { protectGroup } from './protect.ts';
import { buildTwin, type Twin } from './twin.ts';

/** The VMs of a rehearsal by name, each as it is known to be; a VM without a shape is an ordinary one. */
export type Rehearsed = ReadonlyMap<string, VirtualMachineShape | undefined>;

/** What a rehearsal knows of the failover that it plays. */
export interface RehearsalSettings {
  readonly virtualMachines: Rehearsed;
  readonly timeouts: FailoverTimeouts;
  readonly definitions: readonly JsonObject[];
  /** How many times it is played, with different luck. */
  readonly runs: number;
}

/** The whole seconds that the shortest and the longest of the rehearsals took; undefined when none succeeded. */
export interface RehearsalResult {
  readonly leastSeconds: number;
  readonly mostSeconds: number;
}

const epoch: Instant = 1_767_225_600_000;

/** Two sites and a quorum site, one worker node each where VMs run. */
export const rehearsalSites: readonly SiteTopology[] = [
  { name: 'source', role: 'primary', nodes: ['source-node-1'] },
  { name: 'target', role: 'dr', nodes: ['target-node-1'] },
  { name: 'quorum', role: 'quorum', nodes: [] },
];

/** Plays a planned failover of these VMs in the simulated world, several times over, and says how long it took there. */
export function rehearse(settings: RehearsalSettings): RehearsalResult | undefined {
  const seconds: number[] = [];
  for (let run = 1; run <= settings.runs; run++) {
    const twin = buildRehearsalTwin(run, settings.virtualMachines, settings.definitions);
    const played = runPlanned(twin, rehearsalGroup, `rehearsal-${run}`, settings.timeouts);
    if (played.record.state === 'succeeded') seconds.push(Math.ceil(played.duration / second));
  }
  if (seconds.length === 0) return undefined;
  return { leastSeconds: Math.min(...seconds), mostSeconds: Math.max(...seconds) };
}

export const rehearsalGroup = { namespace: 'default', group: 'rehearsal', source: 'source', target: 'target' };

/** A twin in which the VMs run on the source, protected. */
export function buildRehearsalTwin(seed: number, virtualMachines: Rehearsed, definitions: readonly JsonObject[]): Twin {
  const twin = buildTwin({
    seed,
    epoch,
    speed: 1,
    kubernetesVersion: 'v1.30.6',
    linstorUrl: 'http://linstor-controller.invalid:3370',
    sites: rehearsalSites,
    definitions,
    withDeployments: false,
    heartbeats: false,
    history: false,
    // Nobody watches from outside.
    events: false,
    trustsInsiders: true,
    watchHistory: 1,
  });
  const source = twin.world.cluster('source').api;
  for (const [name, shape] of virtualMachines) {
    applyObjects(source, demoVirtualMachine(name, rehearsalGroup.namespace, shape));
  }
  twin.world.runUntil(2 * minute);
  protectGroup(twin, { ...rehearsalGroup, virtualMachines: [...virtualMachines.keys()] });
  twin.world.runUntil(3 * minute);
  return twin;
}
