import { type Known, known, mapKnown, unknown } from './known.ts';
import type { KubeObject } from './kube.ts';
import { launcherPodsOf } from './launcher-pod.ts';
import type { SiteReadings } from './observation.ts';
import type { Subject } from './read-plan.ts';
import { keyOf, type PowerReading, powerStateOf } from './virtual-machine.ts';
import { keepsPersistentState, knownClaimNamesOf, templateOf } from './vm-references.ts';
import { attachmentsOf, replicatedResourceOf, volumeNameOf } from './volume.ts';

/** A claim of a group's VM, and the volume behind it. */
export interface ClaimView {
  readonly name: string;
  readonly virtualMachine: string;
  readonly claim: Known<KubeObject | undefined>;
  /** Known to be undefined when the claim names no volume, or one that does not exist. */
  readonly volume: Known<KubeObject | undefined>;
  /** LINSTOR resource of the volume, where the volume is LINSTOR's. */
  readonly resource: string | undefined;
}

/** A VM of a group, as one site shows it. */
export interface VirtualMachineReading {
  readonly name: string;
  readonly object: Known<KubeObject | undefined>;
  readonly power: PowerReading;
  readonly claims: readonly ClaimView[];
}

/** The members of a group as a site was seen with them. */
export interface MembersSeen {
  readonly readings: SiteReadings;
  readonly virtualMachines: readonly VirtualMachineReading[];
}

/**
 * Reads the VMs of a group from what a site has answered. A VM that shows as it did earlier keeps its reading, and the
 * list is the same when all of them do: a change of one VM is thought about once, for that VM.
 */
export function virtualMachineReadings(
  site: SiteReadings,
  names: readonly string[],
  earlier: MembersSeen | undefined,
): readonly VirtualMachineReading[] {
  if (earlier === undefined) return names.map((name) => firstReading(site, name));
  const before = earlier.virtualMachines;
  const news = earlier.readings === site ? undefined : newsOf(site, earlier.readings);
  let isSame = before.length === names.length;
  const readings = names.map((name, index) => {
    const last = before[index]?.name === name ? before[index] : before.find((vm) => vm.name === name);
    const reading = last === undefined ? firstReading(site, name) : news ? readAgain(site, news, last) : last;
    isSame &&= reading === before[index];
    return reading;
  });
  return isSame ? before : readings;
}

function firstReading(site: SiteReadings, name: string): VirtualMachineReading {
  const object = memberNamed(readingIn(site, 'virtualMachines'), name);
  const claims = object.known && object.value ? claimViews(site, object.value) : [];
  return { name, object, power: powerOf(site, name, object, claims), claims };
}

/** What a site shows otherwise than before; `unknown` where it cannot be told by looking at single objects. */
interface News {
  readonly virtualMachines: readonly KubeObject[] | 'unknown';
  readonly instances: readonly KubeObject[] | 'unknown';
  readonly pods: readonly KubeObject[] | 'unknown';
  readonly attachments: readonly KubeObject[] | 'unknown';
  /** Claims and volumes hardly ever change: a change of one concerns every VM. */
  readonly hasStorageNews: boolean;
}

function newsOf({ readings: now }: SiteReadings, { readings: before }: SiteReadings): News {
  return {
    virtualMachines: differing(now.virtualMachines, before.virtualMachines),
    instances: differing(now.instances, before.instances),
    pods: differing(now.pods, before.pods),
    attachments: differing(now.attachments, before.attachments),
    hasStorageNews: now.claims !== before.claims || now.volumes !== before.volumes,
  };
}

/** The objects that only one of two readings shows: a changed object is another object. */
function differing(
  now: Known<readonly KubeObject[]> | undefined,
  before: Known<readonly KubeObject[]> | undefined,
): readonly KubeObject[] | 'unknown' {
  if (now === before) return [];
  if (now?.known !== true || before?.known !== true) return 'unknown';
  const news: KubeObject[] = [];
  for (const object of now.value) if (!before.value.includes(object)) news.push(object);
  for (const object of before.value) if (!now.value.includes(object)) news.push(object);
  return news;
}

/** The reading of before, if nothing that it was made from has changed, or it comes out the same. */
function readAgain(site: SiteReadings, news: News, last: VirtualMachineReading): VirtualMachineReading {
  const isOther = isNamed(news.virtualMachines, last.name);
  if (!isOther && !hasPowerNews(site, news, last)) return last;
  const object = isOther ? memberNamed(readingIn(site, 'virtualMachines'), last.name) : last.object;
  const claims = claimsAgain(site, news, object, last);
  const power = powerOf(site, last.name, object, claims);
  if (isOther || claims !== last.claims || !isSamePower(power, last.power)) {
    return { name: last.name, object, power, claims };
  }
  return last;
}

function hasPowerNews(site: SiteReadings, news: News, { name, object, claims }: VirtualMachineReading): boolean {
  const { pods, attachments } = news;
  if (news.hasStorageNews || pods === 'unknown' || attachments === 'unknown' || isNamed(news.instances, name))
    return true;
  if (pods.length > 0) {
    const instance = memberNamed(readingIn(site, 'instances'), name);
    if (!instance.known || !object.known) return true;
    const owner = object.value ?? instance.value;
    if (owner !== undefined && launcherPodsOf(keyOf(owner), instance.value?.metadata.uid, pods).length > 0) return true;
  }
  if (attachments.length === 0) return false;
  const volumes = volumeNamesOf(claims);
  return !volumes.known || attachmentsOf(volumes.value, attachments).length > 0;
}

// Which claims a VM has stands in its template: a new status or power brings none.
function claimsAgain(
  site: SiteReadings,
  { hasStorageNews }: News,
  object: Known<KubeObject | undefined>,
  last: VirtualMachineReading,
): readonly ClaimView[] {
  if (!object.known || object.value === undefined) return last.claims.length === 0 ? last.claims : [];
  const before = last.object.known ? last.object.value : undefined;
  const isKept = !hasStorageNews && before !== undefined && templateOf(before) === templateOf(object.value);
  return isKept ? last.claims : claimViews(site, object.value);
}

function isSamePower(a: PowerReading, b: PowerReading): boolean {
  return a.state === b.state && a.reason === b.reason && a.message === b.message;
}

function isNamed(news: readonly KubeObject[] | 'unknown', name: string): boolean {
  if (news === 'unknown') return true;
  for (const object of news) if (object.metadata.name === name) return true;
  return false;
}

function powerOf(
  site: SiteReadings,
  name: string,
  object: Known<KubeObject | undefined>,
  claims: readonly ClaimView[],
): PowerReading {
  const instance = memberNamed(readingIn(site, 'instances'), name);
  return powerStateOf(object, instance, readingIn(site, 'pods'), attachmentsReading(site, object, claims));
}

// Without its claims nobody can say which attachments are a VM's: then they are unknown, not absent.
function attachmentsReading(
  site: SiteReadings,
  vm: Known<KubeObject | undefined>,
  claims: readonly ClaimView[],
): Known<readonly KubeObject[]> {
  const all = readingIn(site, 'claims');
  // The claim of a VM's persistent state is found among all claims; the VM does not name it.
  if (!all.known && vm.known && vm.value !== undefined && keepsPersistentState(vm.value)) return unknown(all.why);
  const names = volumeNamesOf(claims);
  return names.known
    ? mapKnown(readingIn(site, 'attachments'), (attachments) => attachmentsOf(names.value, attachments))
    : names;
}

function volumeNamesOf(claims: readonly ClaimView[]): Known<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const { claim } of claims) {
    if (!claim.known) return unknown(claim.why);
    const name = claim.value && volumeNameOf(claim.value);
    if (name !== undefined) names.add(name);
  }
  return known(names);
}

function claimViews(site: SiteReadings, vm: KubeObject): readonly ClaimView[] {
  const claims = readingIn(site, 'claims');
  const volumes = readingIn(site, 'volumes');
  return knownClaimNamesOf(vm, claims.known ? claims.value : []).map((name) => {
    const claim = memberNamed(claims, name);
    const volume = volumeReading(volumes, claim);
    const resource = volume.known && volume.value ? replicatedResourceOf(volume.value) : undefined;
    return { name, virtualMachine: vm.metadata.name, claim, volume, resource };
  });
}

function volumeReading(
  volumes: Known<readonly KubeObject[]>,
  claim: Known<KubeObject | undefined>,
): Known<KubeObject | undefined> {
  if (!claim.known) return unknown(claim.why);
  const name = claim.value && volumeNameOf(claim.value);
  return name === undefined ? known(undefined) : memberNamed(volumes, name);
}

function memberNamed(reading: Known<readonly KubeObject[]>, name: string): Known<KubeObject | undefined> {
  return mapKnown(reading, (all) => all.find((object) => object.metadata.name === name));
}

function readingIn({ site, readings }: SiteReadings, subject: Subject): Known<readonly KubeObject[]> {
  return readings[subject] ?? unknown(`${subject} of ${site} were not read`);
}
