import { type Instant, minute } from '../model/instant.ts';
import type { JsonObject } from '../model/json.ts';
import type { ApiRequest, Outcome } from '../model/request.ts';
import type { SiteName } from '../model/site.ts';
import type { SiteTopology } from '../drivers/sim/site-topology.ts';
import { applyObjects, demoVirtualMachine } from '../twin/demo-objects.ts';
import { FaultBoard } from '../twin/faults/fault-board.ts';
import type { TwinMachines } from '../twin/machines.ts';
import { protectGroup } from '../twin/protect.ts';
import { buildTwin, type Twin } from '../twin/twin.ts';
import type { Tape, TapeTopology } from './tape.ts';

const epoch: Instant = 1_767_225_600_000;

export const stageGroup = { namespace: 'default', group: 'pg' } as const;
export const stageSites: readonly [SiteName, SiteName] = ['cluster1', 'cluster2'];

/** The site of the two that is not this one. */
export function otherSite(site: SiteName): SiteName {
  return site === stageSites[0] ? stageSites[1] : stageSites[0];
}

/** A request of a host, as it was sent and what came of it in the world, whatever the host has heard. */
export interface SentRequest {
  readonly host: string;
  readonly request: ApiRequest;
  readonly outcome: Outcome | { readonly kind: 'hang' };
}

/** The world of a run, with what its watchers need to hear of. */
export interface Stage {
  readonly tape: Tape;
  readonly twin: Twin;
  readonly faults: FaultBoard;
  readonly members: readonly string[];
  /** Called for every request of a host that reached its server. */
  readonly onRequest: Listeners<SentRequest>;
}

export interface Listeners<Event> {
  add(listener: (event: Event) => void): void;
  tell(event: Event): void;
}

/** Builds the world of a tape: the VMs run on the first site, protected, and everything has settled. */
export function setStage(tape: Tape, definitions: readonly JsonObject[], machines?: TwinMachines): Stage {
  const { topology, seed } = tape;
  const twin = buildTwin({
    seed,
    epoch,
    speed: 1,
    kubernetesVersion: 'v1.30.6',
    linstorUrl: 'http://linstor-controller.invalid:3370',
    sites: sitesOf(topology),
    definitions,
    withDeployments: false,
    events: false,
    ...(machines === undefined ? {} : { machines }),
  });
  const members = Array.from({ length: topology.virtualMachines }, (_, index) => `vm-${index + 1}`);
  const [source, target] = stageSites;
  for (const name of members)
    applyObjects(twin.world.cluster(source).api, demoVirtualMachine(name, stageGroup.namespace));
  twin.world.runUntil(2 * minute);
  protectGroup(twin, { ...stageGroup, source, target, virtualMachines: members });
  twin.world.runUntil(3 * minute);
  return { tape, twin, faults: new FaultBoard(twin), members, onRequest: listeners() };
}

function sitesOf({ nodes, quorumSite }: TapeTopology): readonly SiteTopology[] {
  const names = (site: SiteName): string[] => Array.from({ length: nodes }, (_, index) => `${site}-node-${index + 1}`);
  const [first, second] = stageSites;
  const sites: SiteTopology[] = [
    { name: first, role: 'primary', nodes: names(first) },
    { name: second, role: 'dr', nodes: names(second) },
  ];
  return quorumSite ? [...sites, { name: 'cluster3', role: 'quorum', nodes: ['cluster3-node-1'] }] : sites;
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
