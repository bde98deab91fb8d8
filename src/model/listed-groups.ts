import { known } from './known.ts';
import type { KubeObject } from './kube.ts';
import type { Observation, SiteReadings } from './observation.ts';
import { clusterWideSubjects, type Subject } from './read-plan.ts';
import type { SiteName } from './site.ts';

/** Which group of which namespace. */
export interface GroupPlace {
  readonly namespace: string;
  readonly group: string;
}

/** All groups that were listed, as far as the sites tell, by their namespaces and names. */
export function groupsIn(observation: Observation, sites: readonly SiteName[]): readonly GroupPlace[] {
  const places = sites.flatMap((site) => {
    const reading = observation.sites[site]?.readings.groups;
    return reading?.known === true ? reading.value.map(placeOf) : [];
  });
  const byText = new Map(places.map((place) => [`${place.namespace}/${place.group}`, place]));
  return [...byText.values()].toSorted((a, b) => compare(a.namespace, b.namespace) || compare(a.group, b.group));
}

/** The observation of a list of groups, as one of the group at that place. */
export function withGroupFromList(observation: Observation, { namespace, group }: GroupPlace): Observation {
  return mapSites(observation, ({ readings, ...site }) => {
    const { groups } = readings;
    if (groups === undefined) return { ...site, readings };
    const isMeant = (object: KubeObject): boolean => {
      const place = placeOf(object);
      return place.group === group && place.namespace === namespace;
    };
    return { ...site, readings: { ...readings, group: groups.known ? known(groups.value.filter(isMeant)) : groups } };
  });
}

/** What was read of all namespaces, as if one of them had been asked for; what has no namespace is of each. */
export function inNamespace(observation: Observation, namespace: string): Observation {
  const isOfIt = ({ metadata }: KubeObject): boolean => (metadata.namespace ?? namespace) === namespace;
  return mapSites(observation, ({ readings, ...site }) => {
    const narrowed = Object.entries(readings).map(([subject, reading]) => [
      subject,
      reading.known && !clusterWideSubjects.has(subject as Subject) ? known(reading.value.filter(isOfIt)) : reading,
    ]);
    return { ...site, readings: Object.fromEntries(narrowed) };
  });
}

function mapSites(observation: Observation, change: (site: SiteReadings) => SiteReadings): Observation {
  const sites = Object.entries(observation.sites).map(([name, site]) => [name, change(site)] as const);
  return { ...observation, sites: Object.fromEntries(sites) };
}

function placeOf({ metadata: { namespace = '', name } }: KubeObject): GroupPlace {
  return { namespace, group: name };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
