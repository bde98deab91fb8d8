import type { KubeObject } from '../kube.ts';
import type { SiteName } from '../site.ts';

/** Label of every object that we copied: the site that it was copied from. */
export const copiedFromLabel = 'siterecovery.trilio.io/copied-from';

/** Annotation of a copy: `metadata.generation` of its source where it has one. */
export const sourceGenerationAnnotation = 'siterecovery.trilio.io/source-generation';

/** The site that an object was copied from; undefined when we did not copy it. */
export function copiedFrom(object: KubeObject): SiteName | undefined {
  return object.metadata.labels?.[copiedFromLabel];
}
