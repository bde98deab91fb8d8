import { objectAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/kube.ts';

/**
 * Things that have a version which somebody may have seen and insist on, by number. Of all versions only one matters, the
 * present one: whatever is older is refused alike. So a version is one of two texts, and a change of the thing turns the
 * first into the second wherever a process keeps it.
 */
export type Thing = number;

export const thing = {
  group: (site: number): Thing => site,
  lease: (site: number): Thing => 2 + site,
  operation: (operation: number): Thing => 5 + operation,
  node: (site: number): Thing => 7 + site,
  virtualMachine: 9,
} as const;

export function presentVersion(number: Thing): string {
  return `${names[number]} as it is`;
}

export function pastVersion(number: Thing): string {
  return `${names[number]} as it was`;
}

const names = [
  ...[1, 2].map((site) => `group ${site}`),
  ...[1, 2, 3].map((site) => `Lease ${site}`),
  ...[1, 2].map((operation) => `operation ${operation}`),
  ...[1, 2].map((site) => `node ${site}`),
  'VM',
];

/**
 * An object as the small world keeps it: its version is the present one, and what only counts or tells the time, and decides
 * nothing, is the same for all. The time of a Lease's renewal is only ever compared with what was seen before: a version.
 */
export function canonicalObject(object: KubeObject, number: Thing): KubeObject {
  const { generation: _generation, managedFields: _fields, ...metadata } = object.metadata;
  const kept: KubeObject = { ...object, metadata: { ...metadata, resourceVersion: presentVersion(number) } };
  if (kept.kind === 'Lease')
    return { ...kept, spec: { ...kept.spec, leaseTransitions: 0, renewTime: presentVersion(number) } };
  return kept.kind === 'Failover' ? withoutSightings(kept) : kept;
}

/** Who takes an operation over replaces what the former holder had seen of the Leases and of the journal before it. */
function withoutSightings(operation: KubeObject): KubeObject {
  const { status } = operation;
  const record = objectAt(status, 'record');
  if (record.context === undefined) return operation;
  const context = { ...objectAt(record, 'context'), takenOverAt: '', formerHolder: '', leases: {} };
  return { ...operation, status: { ...status, record: { ...record, context } } };
}
