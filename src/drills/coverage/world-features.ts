import type { DrbdResource, Replica } from '../../drivers/sim/drbd/replica.ts';
import { compareDisks, type DiskState } from '../../drivers/sim/drbd/states.ts';
import { executes } from '../../drivers/sim/guests.ts';
import type { SiteTopology } from '../../drivers/sim/site-topology.ts';
import { textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import type { Twin } from '../../twin/twin.ts';

/**
 * What kind of world this is at a moment, in a few letters for each site: whether its API answers, how many of its nodes
 * are up, how many VMs execute, what its groups are told and show, and of DRBD the roles, the worst disk, quorum, frozen
 * I/O and the connections to other sites. Worlds with the same text are one class; names, times and counts beyond
 * "none, some, all" are left out.
 */
export class WorldFeatures {
  readonly #twin: Twin;
  readonly #siteOf: ReadonlyMap<string, string>;
  #kept: string | undefined;

  constructor(twin: Twin) {
    this.#twin = twin;
    this.#siteOf = new Map(twin.sites.flatMap(({ name, nodes }) => nodes.map((node) => [node, name] as const)));
    const forget = (): void => {
      this.#kept = undefined;
    };
    twin.kernel.onChange(forget);
    twin.guests.onChange(forget);
    for (const { name } of twin.sites) {
      twin.world.cluster(name).api.onChange(({ resource }) => {
        if (resource.plural === resources.protectionGroup.plural) forget();
      });
    }
  }

  /** The class of the world now. */
  text(): string {
    this.#kept ??= this.#twin.sites
      .map((site) => `${this.#guestsOf(site)}${this.#groupsOf(site)}${this.#drbdOf(site)}`)
      .join('|');
    return `${this.#surroundings()}|${this.#kept}`;
  }

  // Networks and nodes tell nobody of their changes; there are few, so they are looked at each time.
  #surroundings(): string {
    const { sites, world } = this.#twin;
    return sites
      .map(({ name, nodes }) => {
        const reaches = ['operator', ...sites.map((site) => site.name)]
          .filter((origin) => origin !== name)
          .map((origin) => letterOf[world.network.reach(origin, name)]);
        return `${[...new Set(reaches)].toSorted().join('')}${share(nodes, (node) => world.nodeIsUp(node))}`;
      })
      .join(',');
  }

  #guestsOf({ name }: SiteTopology): string {
    const all = this.#twin.guests.all().filter((guest) => guest.cluster === name);
    const paused = all.some(({ phase }) => phase === 'paused') ? '!' : '';
    return all.length === 0 ? '' : `g${share(all, executes)}${paused}`;
  }

  #groupsOf({ name }: SiteTopology): string {
    const groups = this.#twin.world.cluster(name).api.list(resources.protectionGroup);
    const seen = new Set(
      groups.map((group) => {
        const [desired, current] = [textAt(group, 'spec', 'desiredState'), textAt(group, 'status', 'currentState')];
        return `${desired?.charAt(0)}${current?.charAt(0) ?? '?'}`;
      }),
    );
    return seen.size === 0 ? '' : `p${[...seen].toSorted().join('+')}`;
  }

  #drbdOf({ name }: SiteTopology): string {
    const { kernel } = this.#twin;
    const here: Replica[] = [];
    for (const resource of kernel.resourceNames()) {
      const { replicas } = kernel.resource(resource) as DrbdResource;
      for (const replica of replicas.values()) if (this.#siteOf.get(replica.node) === name) here.push(replica);
    }
    const diskful = here.filter(({ kind, running }) => kind === 'diskful' && running);
    if (diskful.length === 0) return here.length === 0 ? '' : `t${share(here, ({ running }) => running)}`;
    const worst = diskful.map(({ disk }) => disk).toSorted(compareDisks)[0] as DiskState;
    const frozen = diskful.some(({ suspended }) => suspended.quorum || suspended.noData) ? '*' : '';
    const failing = diskful.some(({ forceIoFailures }) => forceIoFailures) ? '#' : '';
    return [
      'd',
      share(diskful, ({ role }) => role === 'Primary'),
      worst.charAt(0),
      share(diskful, ({ quorum }) => quorum),
      frozen,
      failing,
      this.#connectionsOf(name, diskful),
    ].join('');
  }

  /** How the replicas of a site are connected to those of other sites: every kind that there is. */
  #connectionsOf(site: string, replicas: readonly Replica[]): string {
    const seen = new Set<string>();
    for (const replica of replicas) {
      for (const peer of replica.peers.values()) {
        if (this.#siteOf.get(peer.node) === site) continue;
        if (peer.connection === 'StandAlone') seen.add('S');
        else if (peer.connection !== 'Connected') seen.add('c');
        else seen.add(peer.replication === 'Established' ? 'E' : peer.replication === 'Off' ? 'o' : 'y');
      }
    }
    return [...seen].toSorted().join('');
  }
}

const letterOf = { open: '', hang: 'h', refuse: 'r' } as const;

/** None, some or all. */
function share<Item>(items: readonly Item[], holds: (item: Item) => boolean): '0' | '1' | '2' {
  const count = items.filter(holds).length;
  if (count === 0) return '0';
  return count === items.length ? '2' : '1';
}
