import { copiedFrom } from './definition-copy/marks.ts';
import { type Instant, instantOf } from './instant.ts';
import { at, type Json, listAt, textAt } from './json.ts';
import type { KubeObject } from './kube.ts';
import { isRecovery, operationSites } from './operation-sites.ts';
import type { SiteName } from './site.ts';

/** The objects of operations that one site holds. */
export interface HeldOperations {
  readonly site: SiteName;
  readonly objects: readonly KubeObject[];
}

/** One operation, whichever sites hold its object. Texts that its object does not tell are empty. */
export interface RecordedOperation {
  readonly id: string;
  readonly kind: string;
  readonly namespace: string;
  readonly group: string;
  /** Of a failover its mode, of a recovery its action. */
  readonly mode: string;
  /** Whose data, or VMs, go where; of a comparison the two clusters. */
  readonly source: SiteName;
  readonly target: SiteName;
  readonly phase: string;
  readonly requestedBy: { readonly user: string; readonly host: string; readonly client: string };
  /** When it was taken up, or else ordered. */
  readonly startedAt: Instant | undefined;
  /** Undefined while it goes on. */
  readonly endedAt: Instant | undefined;
  /** The sites that hold its object. */
  readonly heldBy: readonly SiteName[];
  /** The operation itself where its site told; else the first copy that was found. */
  readonly object: KubeObject;
}

/** Each operation once, the newest first; of one group, or of all when no group is named. */
export function operationHistory(held: readonly HeldOperations[], group?: string): readonly RecordedOperation[] {
  const found = new Map<string, { object: KubeObject; heldBy: readonly SiteName[] }>();
  for (const { site, objects } of held) {
    for (const object of objects) {
      if (group !== undefined && textAt(object, 'spec', 'protectionGroup') !== group) continue;
      const key = `${object.kind}/${object.metadata.namespace}/${object.metadata.name}`;
      const known = found.get(key);
      // A copy may be older than the operation itself.
      const isOwn = copiedFrom(object) === undefined;
      found.set(key, {
        object: known === undefined || isOwn ? object : known.object,
        heldBy: [...(known?.heldBy ?? []), site],
      });
    }
  }
  return [...found.values()]
    .map(({ object, heldBy }) => recorded(object, heldBy))
    .toSorted((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0) || (a.id < b.id ? 1 : -1));
}

function recorded(object: KubeObject, heldBy: readonly SiteName[]): RecordedOperation {
  const spec = (...path: string[]): string => textAt(object, 'spec', ...path) ?? '';
  return {
    id: object.metadata.name,
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    group: spec('protectionGroup'),
    mode: spec(isRecovery(object) ? 'action' : 'mode'),
    ...directionOf(object),
    phase: textAt(object, 'status', 'phase') ?? 'Pending',
    requestedBy: {
      user: spec('requestedBy', 'user'),
      host: spec('requestedBy', 'host'),
      client: spec('requestedBy', 'client'),
    },
    startedAt: instantOf(textAt(object, 'status', 'startTime')) ?? instantOf(object.metadata.creationTimestamp),
    endedAt: instantOf(textAt(object, 'status', 'completionTime')),
    heldBy,
    object,
  };
}

/** The survivor of a recovery is where the data come from. */
function directionOf(object: KubeObject): Pick<RecordedOperation, 'source' | 'target'> {
  const { home, peer } = operationSites(object);
  if (!isRecovery(object)) return { source: peer, target: home };
  const isFromPeer = textAt(object, 'spec', 'survivorCluster') === peer;
  return isFromPeer ? { source: peer, target: home } : { source: home, target: peer };
}

/** What the last step that had to do with a VM has come to for it. */
export interface VirtualMachineOutcome {
  readonly name: string;
  readonly step: string;
  readonly state: string;
  /** RFC 3339; empty when not told. */
  readonly at: string;
  readonly message: string;
}

/** What an operation has come to for each of its VMs, in the order in which its steps name them. */
export function virtualMachineOutcomes(operation: KubeObject): readonly VirtualMachineOutcome[] {
  const outcomes = new Map<string, VirtualMachineOutcome>();
  for (const step of listAt(operation, 'status', 'steps')) {
    if (at(step, 'state') === 'pending') continue;
    for (const vm of listAt(step, 'virtualMachines')) {
      const outcome = outcomeOf(vm, textAt(step, 'name') ?? '');
      outcomes.set(outcome.name, outcome);
    }
  }
  return [...outcomes.values()];
}

function outcomeOf(vm: Json, step: string): VirtualMachineOutcome {
  const text = (field: string): string => textAt(vm, field) ?? '';
  return { name: text('name'), step, state: text('state'), at: text('at'), message: text('message') };
}

/**
 * True once the target may have been ordered to start a VM, or copies have been told to come together: from then on an operation
 * goes forward only, whatever is asked.
 */
export function isPastReturn(operation: KubeObject): boolean {
  return listAt(operation, 'status', 'steps').some(
    (step) => ['startTarget', 'reunite'].includes(textAt(step, 'name') ?? '') && at(step, 'startedAt') !== undefined,
  );
}
