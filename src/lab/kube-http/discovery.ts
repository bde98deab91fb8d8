import type { JsonObject } from '../../model/json.ts';
import type { ServedResource, ServedSubresource } from '../../drivers/sim/api-server/served-resource.ts';

type Served = readonly ServedResource[];

/** Groups in the order in which kubectl resolves a bare name: the core group and apps before the others. */
function groupsOf(served: Served): readonly string[] {
  return [...new Set(served.map(({ type }) => type.group))];
}

/** Versions of a group, the preferred one first: stable before beta before alpha, then the higher number. */
export function versionsOf(served: Served, group: string): readonly string[] {
  const versions = served.filter(({ type }) => type.group === group).map(({ type }) => type.version);
  return [...new Set(versions)].toSorted(compareVersions);
}

/** `GET /api`. */
export function coreVersions(serverAddress: string): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

/** `GET /apis`. */
export function groupList(served: Served): JsonObject {
  const groups = groupsOf(served).filter((group) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((group) => groupEntry(served, group)) };
}

/** `GET /apis/GROUP`; undefined when the group is not served. */
export function groupDocument(served: Served, group: string): JsonObject | undefined {
  if (group === '' || !groupsOf(served).includes(group)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(served, group) };
}

/** `GET /api/v1` and `GET /apis/GROUP/VERSION`; undefined when the version is not served. */
export function resourceList(served: Served, group: string, version: string): JsonObject | undefined {
  const inVersion = served.filter(({ type }) => type.group === group && type.version === version);
  if (inVersion.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: inVersion.flatMap(resourceEntries),
  };
}

/**
 * Everything in one document (apidiscovery.k8s.io): the core group for `GET /api`, all others for `GET /apis`.
 * v2 and v2beta1 have the same fields.
 */
export function aggregatedDiscovery(served: Served, root: 'core' | 'groups', version: string): JsonObject {
  const groups = root === 'core' ? [''] : groupsOf(served).filter((group) => group !== '');
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versionsOf(served, group).map((each) => ({
        version: each,
        resources: served
          .filter(({ type }) => type.group === group && type.version === each)
          .filter(({ verbs }) => verbs.length > 0)
          .map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
  };
}

function groupEntry(served: Served, group: string): JsonObject {
  const versions = versionsOf(served, group).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function resourceEntries({
  type,
  singular,
  shortNames,
  categories,
  verbs,
  subresources,
}: ServedResource): JsonObject[] {
  const own: JsonObject = {
    name: type.plural,
    singularName: singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  };
  const children = subresources.map((subresource) => ({
    name: `${type.plural}/${subresource.name}`,
    singularName: '',
    namespaced: type.namespaced,
    ...foreignGroup(subresource),
    kind: subresource.kind,
    verbs: subresource.verbs,
  }));
  return verbs.length === 0 ? children : [own, ...children];
}

function aggregatedResource({
  type,
  singular,
  shortNames,
  categories,
  verbs,
  subresources,
}: ServedResource): JsonObject {
  return {
    resource: type.plural,
    responseKind: { group: type.group, version: type.version, kind: type.kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(subresources.length === 0
      ? {}
      : {
          subresources: subresources.map((subresource) => ({
            subresource: subresource.name,
            responseKind: { group: '', version: '', ...foreignGroup(subresource), kind: subresource.kind },
            verbs: subresource.verbs,
          })),
        }),
  };
}

/** Subresources whose kind lives in another group than the resource. */
function foreignGroup({ kind }: ServedSubresource): JsonObject {
  if (kind === 'Scale') return { group: 'autoscaling', version: 'v1' };
  return kind === 'Eviction' ? { group: 'policy', version: 'v1' } : {};
}

/** `k8s.io/apimachinery/pkg/version/helpers.go`, the preferred one first. */
function compareVersions(a: string, b: string): number {
  const rank = (version: string): readonly number[] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (match === null) return [0, 0, 0];
    const stability = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1;
    return [stability, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [left, right] = [rank(a), rank(b)];
  const different = left.findIndex((value, index) => value !== right[index]);
  return different === -1 ? 0 : (right[different] ?? 0) - (left[different] ?? 0);
}
