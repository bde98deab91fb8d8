import type { SiteRole } from '../../model/site.ts';
import { choice, type FaultKind, siteOf } from './fault.ts';

/** A controller is started with the role of another site. */
export const roleWrong: FaultKind = {
  kind: 'role-wrong',
  about: 'the Protection Group Controller of a site is started again with the wrong CLUSTER_ROLE',
  options: ['--site CLUSTER', '--how primary|dr|quorum'],
  prepare: (twin, order) => {
    const site = siteOf(twin, order.site);
    const role = choice<SiteRole>('--how', order.how, ['quorum', 'primary', 'dr']);
    const restart = (given: SiteRole | undefined): void => {
      if (given === undefined) twin.roles.delete(site);
      else twin.roles.set(site, given);
      for (const id of twin.hosts.ids())
        if (id.startsWith(`protection-group-controller/${site}/`)) twin.hosts.remove(id);
      twin.startGroupController.get(site)?.();
    };
    return {
      says: `the Protection Group Controller of ${site} takes itself for ${role}`,
      breaks: [`role of ${site}`],
      act: () => restart(role),
      heal: () => restart(undefined),
    };
  },
};
