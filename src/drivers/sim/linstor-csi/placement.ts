import type { CreateVolumeRequest, Topology } from '../behaviours/storage/csi-ports.ts';
import type { LinstorClient, LinstorFailure } from './linstor-client.ts';
import type { ClassParameters } from './parameters.ts';
import { accessibleSegments, hostnameKey, type AccessPolicy, type Segments, withoutNarrower } from './remote-access.ts';

/**
 * Places the replicas of a new volume: one on a preferred node where that is possible, the rest on the nodes that are
 * required, further ones anywhere. Answers why it could not. Policy AutoPlaceTopology, the default
 * (`pkg/topology/scheduler/autoplacetopology`).
 */
export function placeReplicas(
  client: LinstorClient,
  id: string,
  { placementCount, access }: Pick<ClassParameters, 'placementCount' | 'access'>,
  { requisite = [], preferred = [] }: NonNullable<CreateVolumeRequest['accessibilityRequirements']>,
  propertySpace: string,
): string | undefined {
  const required = requiredNodes(client, access, requisite, propertySpace);
  const isDone = (nodes: readonly string[]): boolean =>
    nodes.length >= placementCount && nodes.some((node) => required.includes(node));
  let present = diskfulNodes(client, id);
  if (isDone(present)) return undefined;
  for (const { segments } of preferred) {
    if (placeOneAt(client, id, segments, access, present, propertySpace)) break;
  }
  present = diskfulNodes(client, id);
  if (isDone(present)) return undefined;
  if (required.length > 0) {
    const count = required.length < placementCount ? { place_count: required.length } : {};
    const failure = autoplace(client, id, { ...count, node_name_list: required });
    if (failure?.codes.includes(notEnoughNodes) === true)
      return `rpc error: code = ResourceExhausted desc = failed to enough replicas on requisite nodes: ${failure.text}`;
    if (failure !== undefined) return `failed to autoplace constraint replicas: ${failure.text}`;
  }
  if (required.length >= placementCount) return undefined;
  const failure = autoplace(client, id, {});
  return failure === undefined ? undefined : `failed to autoplace unconstraint replicas: ${failure.text}`;
}

/** From where a volume may be used: what the policy allows around each copy on a disk. None: from everywhere. */
export function accessibleTopology(
  client: LinstorClient,
  id: string,
  access: AccessPolicy,
  propertySpace: string,
): readonly Topology[] {
  const withCopy = diskfulNodes(client, id);
  const topology: Topology[] = [];
  for (const { name, properties } of client.nodes().filter((node) => withCopy.includes(node.name))) {
    const place = { ...labelsOf(properties, propertySpace), [hostnameKey]: name };
    for (const segments of accessibleSegments(access, place)) {
      if (Object.keys(segments).length === 0) return [];
      topology.push({ segments });
    }
  }
  return topology;
}

/** A node's properties of the name space, as labels. */
export function labelsOf(properties: ReadonlyMap<string, string>, propertySpace: string): Segments {
  const labels: Record<string, string> = {};
  for (const [key, value] of properties)
    if (key.startsWith(`${propertySpace}/`)) labels[key.slice(propertySpace.length + 1)] = value;
  return labels;
}

/** Names of the nodes at a place; LINSTOR is asked only where the place is not a node itself. */
export function nodesAt(client: LinstorClient, place: Segments, propertySpace: string): readonly string[] {
  const host = place[hostnameKey];
  if (host !== undefined) return [host];
  const isThere = (properties: ReadonlyMap<string, string>): boolean =>
    Object.entries(place).every(([key, value]) => properties.get(`${propertySpace}/${key}`) === value);
  return client.nodes().flatMap(({ name, properties }) => (isThere(properties) ? [name] : []));
}

const notEnoughNodes = 996;

function requiredNodes(
  client: LinstorClient,
  access: AccessPolicy,
  requisite: readonly Topology[],
  propertySpace: string,
): readonly string[] {
  const places = withoutNarrower(requisite.flatMap(({ segments }) => accessibleSegments(access, segments)));
  const nodes = (places.length === 0 ? [{}] : places).flatMap((place) => nodesAt(client, place, propertySpace));
  return [...new Set(nodes)].sort();
}

function diskfulNodes(client: LinstorClient, id: string): readonly string[] {
  return client.replicasOf(id).flatMap(({ node, diskful }) => (diskful ? [node] : []));
}

function placeOneAt(
  client: LinstorClient,
  id: string,
  place: Segments,
  access: AccessPolicy,
  present: readonly string[],
  propertySpace: string,
): boolean {
  const nodes = nodesAt(client, place, propertySpace);
  if (nodes.some((node) => present.includes(node)) || addOne(client, id, nodes)) return true;
  return accessibleSegments(access, place).some((wider) => {
    const reachable = nodesAt(client, wider, propertySpace);
    return reachable.length > 0 && addOne(client, id, reachable);
  });
}

function addOne(client: LinstorClient, id: string, nodes: readonly string[]): boolean {
  const filter = { place_count: 1, additional_place_count: 1, node_name_list: nodes };
  return autoplace(client, id, filter) === undefined;
}

function autoplace(
  client: LinstorClient,
  id: string,
  filter: {
    readonly place_count?: number;
    readonly additional_place_count?: number;
    readonly node_name_list?: readonly string[];
  },
): LinstorFailure | undefined {
  return client.changeResources('POST', `/v1/resource-definitions/${id}/autoplace`, { select_filter: { ...filter } });
}
