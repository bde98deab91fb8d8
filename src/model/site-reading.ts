import type { SiteView } from './group-view.ts';
import { type Known, unknown } from './known.ts';
import type { KubeObject } from './kube.ts';
import type { Subject } from './read-plan.ts';

/** The objects that were read of a site for a subject; unknown when it was not asked for or not answered. */
export function readingOfSite(site: SiteView, subject: Subject): Known<readonly KubeObject[]> {
  return site.readings.readings[subject] ?? unknown(`${subject} of ${site.site} were not read`);
}
