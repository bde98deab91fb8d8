import { conditionOf } from './condition-of.ts';
import type { DecidedCondition } from './conditions.ts';
import { quorumTaintKeys } from './gates.ts';
import { claimsOf, type LocalGroupView, type SiteView } from './group-view.ts';
import { type Instant, instantOf, timestamp } from './instant.ts';
import { type JsonObject, listAt, objectAt, textAt } from './json.ts';
import { type Known, known } from './known.ts';
import type { ProtectionGroup } from './protection-group.ts';
import { readingOfSite } from './site-reading.ts';
import { statusMessage } from './status-message.ts';
import { attachmentsOf } from './volume.ts';

/** Something after which two copies may differ in blocks that DRBD has not marked, so that only a verify can tell. */
interface Doubt {
  readonly reason: string;
  readonly message: string;
  readonly since: Instant;
}

/** What is known of a group's need for a verify, in the form in which its status keeps it. */
export interface Verification {
  /** `status.unverified`: the doubt that no verify has settled; null when there is none. */
  readonly unverified: JsonObject | null;
  /** `status.verifiedAt`: when the newest successful verify began; null before the first. */
  readonly verifiedAt: string | null;
  readonly condition: DecidedCondition;
}

/**
 * Verified is False from any loss of quorum or paused I/O on a node that holds a volume of the group, and from any forced
 * operation, until a verify that began after it has succeeded; Unknown where the site does not tell. The status keeps the
 * doubt, so that a controller that is started anew has it too. What happened while no controller looked, it does not know.
 */
export function verificationOf(group: ProtectionGroup, view: LocalGroupView): Verification {
  const verifiedAt = newest([instantOf(textAt(group.object, 'status', 'verifiedAt')), ...verifies(view)]);
  const isOpen = ({ since }: Doubt): boolean => verifiedAt === undefined || since >= verifiedAt;
  const kept = [keptDoubt(group)].flatMap((doubt) => (doubt !== undefined && isOpen(doubt) ? [doubt] : []));
  const present = presentDoubt(view, kept[0]);
  const past = [...kept, ...forcedOperations(view).filter(isOpen)].toSorted((a, b) => b.since - a.since);
  const doubt = present.known && present.value !== undefined ? present.value : past[0];
  return {
    unverified: doubt === undefined ? null : { ...doubt, since: timestamp(doubt.since) },
    verifiedAt: verifiedAt === undefined ? null : timestamp(verifiedAt),
    condition: conditionFor(doubt, present, verifiedAt),
  };
}

function conditionFor(
  doubt: Doubt | undefined,
  present: Known<unknown>,
  verifiedAt: Instant | undefined,
): DecidedCondition {
  const type = 'Verified';
  if (doubt !== undefined) {
    const message = statusMessage(`${doubt.message}; no verify has succeeded since`);
    return { type, status: 'False', reason: doubt.reason, message };
  }
  if (!present.known) return { type, status: 'Unknown', reason: 'SiteUnreadable', message: statusMessage(present.why) };
  return verifiedAt === undefined
    ? { type, status: 'True', reason: 'NeverInDoubt', message: 'no loss of quorum and no force has been seen' }
    : { type, status: 'True', reason: 'Verified', message: `every copy was the same at ${timestamp(verifiedAt)}` };
}

/** When each verify of the group began that has found every copy to be the same, or made it so. */
function verifies({ recoveries }: LocalGroupView): readonly (Instant | undefined)[] {
  return recoveries.flatMap((recovery) => {
    const isVerify = textAt(recovery, 'spec', 'action') === 'Verify';
    const hasSucceeded = textAt(recovery, 'status', 'phase') === 'Succeeded';
    return isVerify && hasSucceeded ? [instantOf(textAt(recovery, 'status', 'startTime'))] : [];
  });
}

function newest(instants: readonly (Instant | undefined)[]): Instant | undefined {
  const known = instants.flatMap((instant) => instant ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** True while the status of a group keeps a doubt that only a verify can settle. */
export function isInDoubt(group: ProtectionGroup): boolean {
  return keptDoubt(group) !== undefined;
}

function keptDoubt({ object }: ProtectionGroup): Doubt | undefined {
  const kept = objectAt(object, 'status', 'unverified');
  const since = instantOf(textAt(kept, 'since'));
  if (since === undefined) return undefined;
  return { since, reason: textAt(kept, 'reason') ?? '', message: textAt(kept, 'message') ?? '' };
}

/** What casts doubt on the copies at this moment; it counts from when it was first seen. */
function presentDoubt({ site, at }: LocalGroupView, kept: Doubt | undefined): Known<Doubt | undefined> {
  const since = (reason: string): Instant => (kept?.reason === reason ? kept.since : at);
  const [paused, untold] = [pausedInstances(site), nodesWithoutQuorum(site)];
  for (const [reason, found] of [
    ['QuorumLost', untold],
    ['IoPaused', paused],
  ] as const) {
    if (found.known && found.value.length > 0)
      return known({ reason, message: found.value.join(', '), since: since(reason) });
  }
  if (!paused.known) return paused;
  return untold.known ? known(undefined) : untold;
}

/** Nodes that hold a volume of the group and bear one of the taints that DRBD's loss of quorum brings. */
function nodesWithoutQuorum(site: SiteView): Known<readonly string[]> {
  const [nodes, attachments] = [readingOfSite(site, 'nodes'), readingOfSite(site, 'attachments')];
  if (!nodes.known) return nodes;
  if (!attachments.known) return attachments;
  const volumes = claimsOf(site).flatMap(({ volume }) => (volume.known ? (volume.value?.metadata.name ?? []) : []));
  const holders = new Set(
    attachmentsOf(new Set(volumes), attachments.value).map((attachment) => textAt(attachment, 'spec', 'nodeName')),
  );
  return known(
    nodes.value
      .filter(({ metadata }) => holders.has(metadata.name))
      .flatMap((node) => {
        const keys = listAt(node, 'spec', 'taints').map((taint) => textAt(taint, 'key') ?? '');
        const key = keys.find((each) => quorumTaintKeys.includes(each));
        return key === undefined ? [] : [`${node.metadata.name} holds a volume and bears the taint ${key}`];
      }),
  );
}

/** KubeVirt pauses a guest whose disk answers with an error (`pkg/virt-handler/vm.go` of kubevirt/kubevirt). */
function pausedInstances(site: SiteView): Known<readonly string[]> {
  const instances = readingOfSite(site, 'instances');
  if (!instances.known) return instances;
  const names = new Set(site.virtualMachines.map(({ name }) => name));
  return known(
    instances.value
      .filter((vmi) => names.has(vmi.metadata.name) && conditionOf(vmi, 'Paused')?.reason === 'PausedIOError')
      .map((vmi) => `${vmi.metadata.name} was paused by an I/O error`),
  );
}

/** Operations on the group that were allowed to override DRBD's quorum. */
function forcedOperations({ operations }: LocalGroupView): readonly Doubt[] {
  if (!operations.known) return [];
  return operations.value.flatMap((operation): readonly Doubt[] => {
    const since = instantOf(textAt(operation, 'status', 'completionTime') ?? textAt(operation, 'status', 'startTime'));
    const isForced = listAt(operation, 'spec', 'consents').some((consent) => textAt(consent, 'kind') === 'ForceQuorum');
    if (!isForced || since === undefined) return [];
    return [{ reason: 'Forced', message: `${operation.metadata.name} was allowed to override DRBD's quorum`, since }];
  });
}
