import type { Millis } from '../../model/instant.ts';
import type { WireTrouble } from '../wires.ts';
import { amountOf, choice, type FaultKind, FaultError, later, placeOf, siteOf } from './fault.ts';
import { setLink } from './site-faults.ts';
import { isTo } from './wire-faults.ts';

/** Requests pass in one direction only. */
export const oneWayCut: FaultKind = {
  kind: 'one-way-cut',
  about: 'requests from one place to the API of a site are lost; the other direction works',
  options: ['--site CLUSTER|operator', '--peer CLUSTER'],
  prepare: (twin, order) => {
    const from = placeOf(twin, order.site);
    const to = siteOf(twin, order.peer);
    if (from === to) throw new FaultError('--site and --peer must be two places');
    const trouble: WireTrouble = {
      answer: (sent, perform) => (sent.from === from && isTo(sent, to) ? { kind: 'hang' } : perform()),
    };
    return {
      says: `requests from ${from} to ${to} are lost`,
      breaks: [],
      act: () => twin.hosts.wires.add(trouble),
      heal: () => twin.hosts.wires.remove(trouble),
    };
  },
};

/** The operator's desk does not reach a site. */
export const deskCut: FaultKind = {
  kind: 'desk-cut',
  about: 'the desk at which pgctl runs does not reach the API of a site',
  options: ['--site CLUSTER'],
  prepare: (twin, order) => {
    const site = siteOf(twin, order.site);
    const { network } = twin.world;
    return {
      says: `the operator's desk does not reach ${site}`,
      breaks: [`api link ${site} - operator`],
      act: () => network.cut('operator', site),
      heal: () => network.mend('operator', site),
    };
  },
};

/** A link between two sites comes and goes. */
export const linkFlap: FaultKind = {
  kind: 'link-flap',
  about: 'the link between two sites goes and comes every so many milliseconds, on the plane that is named',
  options: ['--site CLUSTER', '--peer CLUSTER', '--plane api|drbd', '--by MILLISECONDS'],
  prepare: (twin, order) => {
    const [site, peer] = [siteOf(twin, order.site), siteOf(twin, order.peer)];
    if (site === peer) throw new FaultError('--site and --peer must be two sites');
    const plane = choice('--plane', order.plane, ['api', 'drbd']);
    const period: Millis = Math.max(1, amountOf(order));
    let isOn = false;
    let isUp = true;
    const turn = (): void => {
      if (!isOn) return;
      isUp = !isUp;
      setLink(twin, plane, site, peer, isUp);
      later(twin, period, turn);
    };
    return {
      says: `the ${plane} link between ${site} and ${peer} goes and comes every ${period} ms`,
      breaks: [`${plane} link ${[site, peer].toSorted().join(' - ')}`],
      act: () => {
        // Ordered again because another fault of this link was mended: it goes on as it does.
        if (isOn) return setLink(twin, plane, site, peer, isUp);
        isOn = true;
        turn();
      },
      heal: () => {
        isOn = false;
        setLink(twin, plane, site, peer, true);
      },
    };
  },
};
