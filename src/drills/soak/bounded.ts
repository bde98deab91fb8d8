import { type Millis, second } from '../../model/instant.ts';
import { textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import type { Property } from '../properties/property.ts';
import type { Stage } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import type { Tape } from '../tape.ts';

/** From so many orders on, of one group and each after the success of another, a run is a soak. */
const soakOrders = 6;
/** When a sample is taken after an operation has succeeded: before the next one is ordered. */
const sampleDelay: Millis = 25 * second;
/** Operations that may leave something behind once and for all: there and back, twice. */
const firstOperations = 4;

/** Nothing grows with the number of operations. */
export const bounded: Property = {
  id: 'L16',
  name: 'Bounded',
  says: 'However often a group has moved, there are as many objects of each kind, events to come, hosts and guests as after the second time on that site, and no larger ones; but for one Failover object for each operation.',
  watch: (stage, judge) => {
    const { world } = stage.twin;
    if (!isSoak(stage.tape)) return undefined;
    let succeeded = 0;
    const firsts = new Map<string, ReadonlyMap<string, number>>();
    for (const site of stageSites) {
      world.cluster(site).api.onChange(({ resource, object, old }) => {
        if (resource.plural !== resources.failover.plural) return;
        const [before, after] = [old, object].map((each) => textAt(each, 'status', 'phase'));
        if (after === 'Succeeded' && before !== after) world.schedule(sampleDelay, 'drill.l16', site);
      });
    }
    world.route('drill.l16', ({ key: site }) => {
      succeeded++;
      const sizes = sizesOf(stage);
      const first = firsts.get(site);
      if (first === undefined) {
        if (succeeded > firstOperations - stageSites.length) firsts.set(site, sizes);
        return;
      }
      for (const [what, size] of sizes) {
        const was = first.get(what) ?? 0;
        judge.check(
          size <= was + slackOf(what, was),
          () => `${what}: ${size} after ${succeeded} operations, ${was} at first`,
        );
      }
    });
    return undefined;
  },
};

function isSoak({ topology, items }: Tape): boolean {
  const orders = items.flatMap((item) => (item.kind === 'failover' ? [item.when] : []));
  const waiting = orders.filter((when) => 'state' in when && when.state === 'succeeded').length;
  return (topology.groups ?? 1) === 1 && orders.length >= soakOrders && waiting === orders.length - 1;
}

/** Numbers get longer, and a retry may be on its way. */
function slackOf(what: string, was: number): number {
  if (what.startsWith('bytes')) return 64 + was / 50;
  return what === 'events to come' ? 10 : 0;
}

function sizesOf({ twin: { world, sites, guests, hosts, kernel } }: Stage): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>([
    ['events to come', world.pending],
    ['hosts', hosts.ids().length],
    ['guests', guests.all().length],
    ['generations of replicas', generations(kernel)],
  ]);
  for (const { name } of sites) {
    for (const type of Object.values(resources)) {
      if (type.plural === resources.failover.plural) continue;
      const objects = world.cluster(name).api.list(type);
      sizes.set(`${type.plural} on ${name}`, objects.length);
      sizes.set(
        `bytes of ${type.plural} on ${name}`,
        objects.reduce((sum, object) => sum + JSON.stringify(object).length, 0),
      );
    }
  }
  return sizes;
}

function generations(kernel: Stage['twin']['kernel']): number {
  const replicas = kernel.resourceNames().flatMap((name) => [...(kernel.resource(name)?.replicas.values() ?? [])]);
  return replicas.reduce((sum, { metadata }) => sum + metadata.history.length, 0);
}
