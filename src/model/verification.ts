import { conditionOf } from './condition-of.ts';
import type { DecidedCondition } from './conditions.ts';
import { claimsOf, type LocalGroupView, type SiteView } from './group-view.ts';
import { type Instant, instantOf, timestamp } from './instant.ts';
import { type JsonObject, listAt, objectAt, textAt } from './json.ts';
import { type Known, known } from './known.ts';
import type { KubeObject } from './kube.ts';
import type { ProtectionGroup } from './protection-group.ts';
import { readingOfSite } from './site-reading.ts';
import { statusMessage } from './status-message.ts';
import { attachmentsOf } from './volume.ts';

/** The taint of a node that has no quorum now, and the one of a node that fails the requests of openers it was taken from. */
const [lostQuorum, forcesErrors] = ['drbd.linbit.com/lost-quorum', 'drbd.linbit.com/force-io-error'] as const;

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
 * operation, until a verify that began after it has succeeded; Unknown where the site does not tell. Openers that a volume was
 * taken from by force, and guests that stand paused, may be there for long after that: they cast no new doubt. The status keeps the
 * doubt, so that a controller that is started anew has it too. What happened while no controller looked, it does not know.
 */
export function verificationOf(group: ProtectionGroup, view: LocalGroupView): Verification {
  const verifiedAt = newest([instantOf(textAt(group.object, 'status', 'verifiedAt')), ...verifies(view)]);
  const isOpen = ({ since }: Doubt): boolean => verifiedAt === undefined || since >= verifiedAt;
  const kept = [keptDoubt(group)].flatMap((doubt) => (doubt !== undefined && isOpen(doubt) ? [doubt] : []));
  const present = presentDoubts(view, kept[0]);
  const { lasting = [], begun = [] } = present.known ? present.value : {};
  const past = [...kept, ...[...begun, ...forcedOperations(view)].filter(isOpen)].toSorted((a, b) => b.since - a.since);
  const doubt = lasting[0] ?? past[0];
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

/** When each comparison began that has found every copy of the group to be the same, or made it so: after a recovery as well. */
function verifies({ recoveries }: LocalGroupView): readonly (Instant | undefined)[] {
  return recoveries.flatMap((recovery) => {
    if (textAt(recovery, 'status', 'phase') !== 'Succeeded') return [];
    const starts = listAt(recovery, 'status', 'volumes').map((volume) => instantOf(textAt(volume, 'startedAt')));
    // Each volume counts from its own beginning: all of them from that of the first.
    return starts.length === 0 || starts.includes(undefined) ? [] : [Math.min(...starts.map((start) => start ?? 0))];
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

/** What casts doubt on the copies at this moment. */
interface PresentDoubts {
  /** What goes on: a node without quorum may lose another write at any time. */
  readonly lasting: readonly Doubt[];
  /** What has happened, and leaves a sign that stays: a comparison that began after it settles it. */
  readonly begun: readonly Doubt[];
}

/** A sign of a doubt; `since` where the sign itself tells when it began. */
interface Sign {
  readonly what: string;
  readonly since: Instant | undefined;
}

function presentDoubts({ site, at }: LocalGroupView, kept: Doubt | undefined): Known<PresentDoubts> {
  const doubts = (reason: string, signs: readonly Sign[]): readonly Doubt[] => {
    if (signs.length === 0) return [];
    // A sign that does not tell counts from when it was first seen.
    const seen = kept?.reason === reason ? kept.since : at;
    const since = Math.max(...signs.map((sign) => sign.since ?? seen));
    return [{ reason, message: signs.map(({ what }) => what).join(', '), since }];
  };
  const [paused, quorum, failing] = [pausedInstances(site), taintedBy(site, lostQuorum), taintedBy(site, forcesErrors)];
  if (!quorum.known) return quorum;
  if (!failing.known) return failing;
  const lasting = doubts('QuorumLost', quorum.value);
  if (!paused.known) return lasting.length > 0 ? known({ lasting, begun: [] }) : paused;
  return known({ lasting, begun: [...doubts('QuorumLost', failing.value), ...doubts('IoPaused', paused.value)] });
}

/** Nodes that hold a volume of the group and bear a taint that DRBD's loss of quorum brings. */
function taintedBy(site: SiteView, key: string): Known<readonly Sign[]> {
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
        const taint = listAt(node, 'spec', 'taints').find((each) => textAt(each, 'key') === key);
        if (taint === undefined) return [];
        const what = `${node.metadata.name} holds a volume and bears the taint ${key}`;
        return [{ what, since: instantOf(textAt(taint, 'timeAdded')) }];
      }),
  );
}

/** KubeVirt pauses a guest whose disk answers with an error (`pkg/virt-handler/vm.go` of kubevirt/kubevirt). */
function pausedInstances(site: SiteView): Known<readonly Sign[]> {
  const instances = readingOfSite(site, 'instances');
  if (!instances.known) return instances;
  const names = new Set(site.virtualMachines.map(({ name }) => name));
  return known(
    instances.value
      .filter((vmi) => names.has(vmi.metadata.name) && conditionOf(vmi, 'Paused')?.reason === 'PausedIOError')
      .map((vmi) => {
        // A volume was taken from it by force: its requests have failed since then, and write nothing.
        const since = takenSince(site, textAt(vmi, 'status', 'nodeName')) ?? pausedSince(vmi);
        return { what: `${vmi.metadata.name} was paused by an I/O error`, since };
      }),
  );
}

/** Since when a node fails the requests of openers; undefined where it does not. */
function takenSince(site: SiteView, name: string | undefined): Instant | undefined {
  const nodes = readingOfSite(site, 'nodes');
  const node = nodes.known ? nodes.value.find(({ metadata }) => metadata.name === name) : undefined;
  const taint = listAt(node, 'spec', 'taints').find((each) => textAt(each, 'key') === forcesErrors);
  return instantOf(textAt(taint, 'timeAdded'));
}

function pausedSince(vmi: KubeObject): Instant | undefined {
  const paused = listAt(vmi, 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Paused');
  return instantOf(textAt(paused, 'lastTransitionTime'));
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
