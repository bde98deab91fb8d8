import { listAt, textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import { second, type Millis } from '../../model/instant.ts';
import type { Twin } from '../twin.ts';
import { type FaultKind, siteOf } from './fault.ts';

const key = 'drbd.linbit.com/lost-quorum';
const flapEvery: Millis = 4 * second;
const eventKind = 'fault.taint-flap';

/** Sites whose nodes are tainted again and again. */
const flapping = new WeakMap<Twin, Set<string>>();

/** The quorum taint comes and goes on the nodes of a site. */
export const taintFlap: FaultKind = {
  kind: 'taint-flap',
  about: 'the quorum taint is put on the nodes of a site again and again (the dr site when none is named)',
  options: ['--site CLUSTER'],
  prepare: (twin, order) => {
    const site = siteOf(twin, order.site, twin.sites.find((each) => each.role === 'dr')?.name);
    const sites = sitesOf(twin);
    return {
      says: `the quorum taint flaps on the nodes of ${site}`,
      breaks: [`taints of ${site}`],
      act: () => {
        sites.add(site);
        setTaint(twin, site, true);
        twin.world.schedule(flapEvery, eventKind, site);
      },
      heal: () => {
        sites.delete(site);
        setTaint(twin, site, false);
      },
    };
  },
};

function sitesOf(twin: Twin): Set<string> {
  let sites = flapping.get(twin);
  if (sites === undefined) {
    const started = new Set<string>();
    flapping.set(twin, started);
    sites = started;
    twin.world.route('fault', ({ key: site }) => {
      if (!started.has(site)) return;
      setTaint(twin, site, true);
      twin.world.schedule(flapEvery, eventKind, site);
    });
  }
  return sites;
}

function setTaint({ world, sites }: Twin, site: string, isOn: boolean): void {
  const { api } = world.cluster(site);
  for (const name of sites.find((each) => each.name === site)?.nodes ?? []) {
    const node = api.get(resources.node, '', name);
    if (node === undefined) continue;
    const taints = listAt(node, 'spec', 'taints');
    const others = taints.filter((taint) => textAt(taint, 'key') !== key);
    if (others.length < taints.length === isOn) continue;
    const wanted = isOn ? [...others, { key, effect: 'NoSchedule' }] : others;
    const body = { spec: { taints: wanted.length === 0 ? null : wanted } };
    api.request({ verb: 'patch', patch: 'merge', resource: resources.node, name, body });
  }
}
