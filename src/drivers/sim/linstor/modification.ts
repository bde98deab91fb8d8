import { type Json, listAt, objectAt } from '../../../model/json.ts';
import type { Message } from './answer.ts';
import { faultOf, quorumProperty } from './properties.ts';
import { type LinstorObject, returnCode } from './ret-codes.ts';
import type { Reply } from './satellites.ts';
import type { Properties } from './store.ts';

/** `{override_props, delete_props, delete_namespaces}`, the body of every change of properties. */
export interface Modification {
  readonly override: Readonly<Record<string, string>>;
  readonly deleted: readonly string[];
  readonly namespaces: readonly string[];
  /** A value was null, which LINSTOR refuses. */
  readonly hasNull: boolean;
}

export function modificationOf(body: Json): Modification {
  const override: Record<string, string> = {};
  const given = Object.entries(objectAt(body, 'override_props'));
  for (const [key, value] of given) override[key] = typeof value === 'string' ? value : JSON.stringify(value);
  const texts = (field: string): string[] => listAt(body, field).filter((each) => typeof each === 'string');
  const hasNull = given.some(([, value]) => value === null);
  return { override, deleted: texts('delete_props'), namespaces: texts('delete_namespaces'), hasNull };
}

/** The first property that may not be set, as the answer that refuses the whole change; nothing is stored then. */
export function refuseBadProperty(
  change: Modification,
  object: LinstorObject,
  where: string,
  refs: Message['refs'],
): Message | undefined {
  if (change.hasNull) return nullValue(object, where, refs);
  for (const [key, value] of Object.entries(change.override)) {
    const fault = faultOf(key, value);
    if (fault === undefined) continue;
    if (object === 'controller') {
      const code = returnCode('error', 'create', object, 213);
      return fault.kind === 'key'
        ? { code, message: `The key '${key}' is not whitelisted`, details: where }
        : { code, message: `The value '${value}' is not valid.`, details: `${fault.rule}\n${where}` };
    }
    const code = returnCode('error', 'modify', object, 213);
    return fault.kind === 'key'
      ? {
          code,
          message: `Invalid property key: ${key}`,
          cause: `The key '${key}' is not whitelisted.`,
          details: where,
          refs,
        }
      : {
          code,
          message: `Invalid property(${key}) value: ${value}`,
          cause: `The value '${value}' is not valid for the key '${key}'`,
          details: `${fault.rule}\n${where}`,
          refs,
        };
  }
  return undefined;
}

function nullValue(object: LinstorObject, details: string, refs: Message['refs']): Message {
  const cause = "The value 'null' is invalid.\nValue must not be null";
  return { code: returnCode('error', 'modify', object, 213), message: 'Invalid value: null', cause, details, refs };
}

/** What LINSTOR says of old properties that are still taken. */
export function deprecations(change: Modification, { operation, object, refs }: Omit<Reply, 'details'>): Message[] {
  if (!(oldQuorumProperty in change.override)) return [];
  const message = `${oldQuorumProperty} is deprecated, please use ${quorumProperty}`;
  return [{ code: returnCode('warn', operation, object, 4000), message, refs }];
}

export const oldQuorumProperty = 'DrbdOptions/auto-quorum';

/** Stores a change that was not refused. Answers the messages that name the keys. */
export function applyModification(
  properties: Properties,
  change: Modification,
  object: LinstorObject,
  refs: Message['refs'],
): Message[] {
  const messages: Message[] = [];
  const set = Object.entries(change.override);
  for (const [key, value] of set) properties.set(storedKey(key), storedValue(key, value));
  if (set.length > 0) {
    const message = `Successfully set property key(s): ${set.map(([key]) => key).join(',')}`;
    messages.push({ code: returnCode('success', 'create', object, 1), message, refs });
  }
  for (const key of change.deleted) properties.delete(storedKey(key));
  if (change.deleted.length > 0) {
    const message = `Successfully deleted property key(s): ${change.deleted.join(',')}`;
    messages.push({ code: returnCode('success', 'delete', object, 2), message, refs });
  }
  for (const namespace of change.namespaces) {
    for (const key of Array.from(properties.keys())) if (key.startsWith(`${namespace}/`)) properties.delete(key);
  }
  return messages;
}

/** Keys are paths: `/a//b` is stored as `a/b` (LINBIT/linstor-server `PropsContainer.splitPath`). */
function storedKey(key: string): string {
  return key
    .split('/')
    .filter((part) => part !== '')
    .join('/');
}

/** Truth values are stored in lower case. */
function storedValue(key: string, value: string): string {
  return key === 'BalanceResourcesEnabled' ? value.toLowerCase() : value;
}

/** True when the change touches the key. */
export function touches(change: Modification, key: string): boolean {
  return (
    key in change.override ||
    change.deleted.includes(key) ||
    change.namespaces.some((space) => key.startsWith(`${space}/`))
  );
}
