import { isJsonObject, type Json, listAt, textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';

/**
 * An object without what differs between two runs that come to the same: uids, versions and generations, times,
 * addresses, generated names, messages, and who held what. Of an operation its end stays and not the way to it; the epoch
 * goes as well, which counts operations.
 */
export function maskedObject(object: KubeObject): Json {
  if (object.kind === resources.virtualMachine.kind) return masked(withoutLastRun(object));
  if (object.kind === resources.protectionGroup.kind) return masked(withoutDoubt(object));
  if (object.kind !== resources.failover.kind) return masked(object as unknown as Json);
  const { apiVersion, kind, metadata, spec, status } = object;
  const end = { phase: textAt(status, 'phase') ?? '', state: textAt(status, 'record', 'state') ?? '' };
  const steps = listAt(status, 'steps').map((step) => `${textAt(step, 'name')} ${textAt(step, 'state')}`);
  return masked({ apiVersion, kind, metadata, spec, status: { ...end, steps } } as unknown as Json);
}

/** A VM that stands keeps conditions of the run before, or loses them, by how that has ended. */
function withoutLastRun(object: KubeObject): Json {
  const conditions = listAt(object, 'status', 'conditions').filter((each) => textAt(each, 'type') === 'Ready');
  return { ...object, status: { ...object.status, conditions } } as unknown as Json;
}

/**
 * A group as if its copies had been verified: whether a controller has looked while a quorum taint stood on a node of its own is
 * a matter of moments, and the doubt that it casts stays until a person has the copies compared.
 */
function withoutDoubt(object: KubeObject): Json {
  const { unverified: _unverified, ...status } = object.status ?? {};
  const conditions = listAt(object, 'status', 'conditions').flatMap((each) => {
    if (textAt(each, 'type') === 'Verified') return [];
    const isDoubt = textAt(each, 'type') === 'Ready' && textAt(each, 'reason') === 'Unverified';
    return isDoubt && isJsonObject(each) ? [{ ...each, status: 'True', reason: 'Valid' }] : [each];
  });
  return { ...object, status: { ...status, conditions } } as unknown as Json;
}

/** The name of an object as runs have it in common: what the server has made up at its end is left out. */
export function maskedName({ metadata }: KubeObject): string {
  return metadata.generateName === undefined ? metadata.name : `${metadata.generateName}*`;
}

/** Fields that say who, when, how often or in which words, and nothing of what is. */
const left: ReadonlySet<string> = new Set([
  'uid',
  'resourceVersion',
  'managedFields',
  'generation',
  'observedGeneration',
  'desiredGeneration',
  'kubevirt.io/vm-generation',
  'siterecovery.trilio.io/source-generation',
  'virtualMachineRevisionName',
  'epoch',
  'message',
  'holder',
  'holderIdentity',
  'leaseTransitions',
  'phaseTransitionTimestamps',
]);

/** The same for any part of an object, and for what is made of objects. Times in milliseconds are times as well. */
export function masked(value: Json): Json {
  if (typeof value === 'number') return value > 1e12 ? '<time>' : value;
  if (typeof value === 'string') return maskedText(value);
  if (Array.isArray(value)) return inOrder(value).map(masked);
  if (!isJsonObject(value)) return value;
  const kept: Record<string, Json> = {};
  for (const [field, inner] of Object.entries(value)) {
    if (inner !== undefined && !left.has(field)) kept[maskedText(field)] = masked(inner);
  }
  return kept;
}

/** Conditions come in the order in which they first came true; their types are what they are known by. */
function inOrder(list: readonly Json[]): readonly Json[] {
  const typeOf = (item: Json): string | undefined =>
    textAt(item, 'status') === undefined ? undefined : textAt(item, 'type');
  if (list.some((item) => typeOf(item) === undefined)) return list;
  return list.toSorted((a, b) => ((typeOf(a) ?? '') < (typeOf(b) ?? '') ? -1 : 1));
}

const uid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const instant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const hardware = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const address = /^\d+\.\d+\.\d+\.\d+$/;
const launcher = /^(virt-launcher-.+-)[a-z0-9]{5}$/;

function maskedText(text: string): string {
  if (instant.test(text)) return '<time>';
  if (address.test(text) || hardware.test(text)) return '<address>';
  return text.replace(launcher, '$1*').replaceAll(uid, '<uid>');
}
