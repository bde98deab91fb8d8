import type { Json } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import type { ReadPlan } from '../../model/read-plan.ts';
import type { ApiRequest, KubeRequest, Outcome } from '../../model/request.ts';
import { notFound, silence } from './apply-request.ts';
import { at, cell, type Cells, column, columnOf, has, sites, stageIn, trouble } from './cells.ts';
import { guestObjects } from './guest-objects.ts';
import type { Interner } from './interner.ts';
import type { MachineObjects } from './machine-objects.ts';
import { replicaEntries } from './replica-entries.ts';
import { orders, readName, type Scenery } from './scenery.ts';
import { canonicalObject, thing } from './versions.ts';

/** The quorum taint that the node's own agent sets. */
export const quorumTaint = { key: 'drbd.linbit.com/lost-quorum', effect: 'NoSchedule' } as const;

/** Who is reached from somewhere, one bit each: the three sites, then LINSTOR. */
export type Reach = number;

/** Who answers a process. `home` is the number of the site it runs in; undefined: at a person's desk. */
export function reachOf(cells: Cells, home: number | undefined): Reach {
  let reach = has(cells, trouble.linstorSilent) ? 0 : 8;
  for (let site = 0; site < 3; site++) if (!has(cells, trouble.siteCutOff(site))) reach |= 1 << site;
  if (home === undefined) return reach;
  return has(cells, trouble.siteCutOff(home)) ? 1 << home : reach;
}

export function reaches(reach: Reach, request: ApiRequest): boolean {
  return (reach & (request.api === 'linstor' ? 8 : 1 << sites.indexOf(request.site))) !== 0;
}

/**
 * Answers reads out of the cells, as the API servers and LINSTOR would. The same content is answered by the very same outcome,
 * so that what the product derives from an answer is derived once.
 */
export class Answers {
  readonly #scenery: Scenery;
  readonly #objects: Interner<KubeObject | undefined>;
  readonly #machines: MachineObjects;
  readonly #made = new Map<string, Outcome>();

  constructor(scenery: Scenery, objects: Interner<KubeObject | undefined>, machines: MachineObjects) {
    this.#scenery = scenery;
    this.#objects = objects;
    this.#machines = machines;
  }

  /** The outcomes of a plan, in its order, for somebody with this reach. */
  to(plan: ReadPlan, cells: Cells, reach: Reach): readonly Outcome[] {
    return plan.map(({ request }) => this.#answer(request, cells, reach));
  }

  /** A node as its site shows it. */
  node(cells: Cells, site: number): KubeObject {
    const node = this.#scenery.nodes[site] as KubeObject;
    const { taints: _taints, ...spec } = node.spec ?? {};
    const present = has(cells, trouble.tainted(site)) ? { ...spec, taints: [quorumTaint] } : spec;
    return canonicalObject({ ...node, spec: present }, thing.node(site));
  }

  #answer(request: ApiRequest, cells: Cells, reach: Reach): Outcome {
    const name = readName(request);
    if (!reaches(reach, request)) {
      const who = request.api === 'linstor' ? 'LINSTOR' : request.site;
      return this.#once(`silence of ${who}`, () => silence(who));
    }
    const moving = request.api === 'kube' ? this.#ofSite(request, cells) : this.#ofStorage(name, cells);
    if (moving !== undefined) return this.#once(`${name} ${moving.key}`, moving.make);
    const still = this.#scenery.answers.get(name);
    if (still === undefined) throw new Error(`Nobody has read ${name} in the full world: add it to the scenery`);
    return still;
  }

  #ofStorage(path: string, cells: Cells): Moving | undefined {
    if (path !== '/v1/view/resources') return undefined;
    return {
      key: `${at(cells, cell.trouble)} ${this.#each((index) => at(cells, columnOf(index) + column.guests)).join(' ')}`,
      make: () =>
        listed(this.#scenery.virtualMachines.flatMap((scenery, index) => replicaEntries(scenery, cells, index))),
    };
  }

  #ofSite(request: KubeRequest, cells: Cells): Moving | undefined {
    const site = sites.indexOf(request.site);
    switch (request.resource.plural) {
      case resources.lease.plural:
        return this.#kept(at(cells, cell.leases + site), request);
      case resources.protectionGroup.plural:
        return this.#kept(at(cells, cell.groups + site), request);
      case resources.failover.plural:
        return this.#operation(request, cells, site);
      case resources.virtualMachine.plural: {
        const numbers = this.#each((index) => at(cells, columnOf(index) + column.machines + site));
        const make = (): Outcome => items(numbers.map((power, index) => this.#machines.object(index, site, power)));
        return { key: numbers.join(' '), make };
      }
      case resources.virtualMachineInstance.plural:
        return this.#guests(cells, site, 'instance');
      case resources.pod.plural:
        return this.#guests(cells, site, 'pod');
      case resources.volumeAttachment.plural:
        return this.#guests(cells, site, 'attachment');
      case resources.node.plural:
        return { key: String(has(cells, trouble.tainted(site))), make: () => items([this.node(cells, site)]) };
      default:
        return undefined;
    }
  }

  #kept(number: number, request: KubeRequest): Moving {
    const make = (): Outcome => {
      const object = this.#objects.valueOf(number);
      if (request.verb === 'list') return items([object]);
      return object === undefined
        ? notFound(request)
        : { kind: 'applied', status: 200, body: object as unknown as Json };
    };
    return { key: String(number), make };
  }

  /** Each site keeps the operation towards it. */
  #operation(request: KubeRequest, cells: Cells, site: number): Moving {
    const number = orders.findIndex(({ target }) => target === request.site);
    const isOther = request.verb === 'get' && request.name !== orders[number]?.name;
    return this.#kept(isOther || site > 1 ? 0 : at(cells, cell.operations + number), request);
  }

  #guests(cells: Cells, site: number, part: 'instance' | 'pod' | 'attachment'): Moving {
    const make = (): Outcome =>
      items(this.#scenery.virtualMachines.map((scenery, index) => guestObjects(scenery, cells, index, site)[part]));
    const stages = this.#each((index) => stageIn(at(cells, columnOf(index) + column.guests), site));
    return { key: `${has(cells, trouble.nodeLost(site))} ${stages.join(' ')}`, make };
  }

  #each(numberOf: (virtualMachine: number) => number): readonly number[] {
    return this.#scenery.virtualMachines.map((_scenery, index) => numberOf(index));
  }

  #once(key: string, make: () => Outcome): Outcome {
    const made = this.#made.get(key);
    if (made !== undefined) return made;
    const outcome = make();
    this.#made.set(key, outcome);
    return outcome;
  }
}

/** An answer that depends on the state: what it depends on, and how it is made. */
interface Moving {
  readonly key: string;
  readonly make: () => Outcome;
}

function items(objects: readonly (KubeObject | undefined)[]): Outcome {
  const present = objects.filter((object) => object !== undefined);
  return { kind: 'applied', status: 200, body: { items: present as unknown as readonly Json[] } };
}

function listed(body: readonly Json[]): Outcome {
  return { kind: 'applied', status: 200, body };
}
