import { microTimestamp, timestamp } from '../../../model/instant.ts';
import type { Json, JsonObject } from '../../../model/json.ts';
import messageData from './messages.json' with { type: 'json' };
import { WireError, type WireValue, wireFields } from './wire.ts';

interface FieldType {
  /** '' for a message whose fields are those of its owner. */
  readonly name: string;
  readonly type: string;
  readonly isRepeated: boolean;
  readonly isMap: boolean;
  readonly keepsZero: boolean;
}

const messages = messageData as unknown as Readonly<Record<string, Readonly<Record<string, string>>>>;
const metaPackage = 'k8s.io.apimachinery.pkg.apis.meta.v1';
const text = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON form of an object that a client sent as `application/vnd.kubernetes.protobuf`: the bytes `k8s\0` and a
 * runtime.Unknown with the object in it (`k8s.io/apimachinery/pkg/runtime/serializer/protobuf`). Typed clients in Go, and
 * so `kubectl create`, send nothing else. Throws a WireError for bytes that are none, or of a kind that has no message.
 */
export function decodeProtobuf(bytes: Uint8Array): JsonObject {
  if (text.decode(bytes.subarray(0, 4)) !== 'k8s\0')
    throw new WireError('provided data does not appear to be a protobuf message');
  const unknown = fieldsOf(bytes.subarray(4));
  const typeMeta = fieldsOf(bytesOf(unknown.get(1)));
  const apiVersion = text.decode(bytesOf(typeMeta.get(1)));
  const kind = text.decode(bytesOf(typeMeta.get(2)));
  return { apiVersion, kind, ...messageOf(nameOf(apiVersion, kind), bytesOf(unknown.get(2))) };
}

function nameOf(apiVersion: string, kind: string): string {
  const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  const name = `k8s.io.api.${group.split('.')[0]}.${version}.${kind}`;
  const found = [name, `${metaPackage}.${kind}`].find((each) => messages[each] !== undefined);
  if (found === undefined) throw new WireError(`no kind "${kind}" is registered for version "${apiVersion}"`);
  return found;
}

function fieldsOf(bytes: Uint8Array): ReadonlyMap<number, WireValue> {
  return new Map([...wireFields(bytes)].map(({ number, value }) => [number, value]));
}

function bytesOf(value: WireValue | undefined): Uint8Array {
  if (value === undefined) return new Uint8Array();
  if (value.kind !== 'bytes') throw new WireError('wrong wire type');
  return value.value;
}

function messageOf(name: string, bytes: Uint8Array): JsonObject {
  const fields = messages[name];
  if (fields === undefined) throw new WireError(`unknown message ${name}`);
  const object: Record<string, Json> = {};
  for (const { number, value } of wireFields(bytes)) {
    const written = fields[number];
    if (written === undefined) continue;
    const field = fieldType(written);
    if (field.isMap) {
      object[field.name] = { ...(object[field.name] as JsonObject | undefined), ...mapEntry(field, bytesOf(value)) };
      continue;
    }
    const json = valueOf(field.type, value);
    if (field.name === '') Object.assign(object, json);
    else if (field.isRepeated)
      object[field.name] = [...((object[field.name] as readonly Json[] | undefined) ?? []), json];
    else if (field.keepsZero || !isZero(json)) object[field.name] = json;
  }
  return object;
}

function fieldType(written: string): FieldType {
  const colon = written.indexOf(':');
  const match = /^(\*?)(map )?(.*?)(\+?)$/.exec(written.slice(colon + 1));
  return {
    name: written.slice(0, colon),
    type: match?.[3] ?? '',
    isRepeated: match?.[1] === '*',
    isMap: match?.[2] !== undefined,
    keepsZero: match?.[4] === '+',
  };
}

function mapEntry({ type }: FieldType, bytes: Uint8Array): JsonObject {
  const entry = fieldsOf(bytes);
  const key = text.decode(bytesOf(entry.get(1)));
  const value = entry.get(2) ?? { kind: 'bytes', value: new Uint8Array() };
  return { [key]: valueOf(type, value) };
}

/** Go leaves these out of JSON unless the field is a pointer. */
function isZero(json: Json): boolean {
  return json === '' || json === 0 || json === false || json === null;
}

function valueOf(type: string, value: WireValue): Json {
  if (value.kind === 'fixed')
    return value.value.byteLength === 8 ? value.value.getFloat64(0, true) : value.value.getFloat32(0, true);
  if (value.kind === 'varint') return type === 'bool' ? value.value !== 0n : Number(value.value);
  if (type === 'string') return text.decode(value.value);
  if (type === 'bytes') return Buffer.from(value.value).toString('base64');
  const special = specialMessages[type.slice(type.lastIndexOf('.') + 1)];
  return special === undefined ? messageOf(type, value.value) : special(value.value);
}

const specialMessages: Readonly<Record<string, (bytes: Uint8Array) => Json>> = {
  Quantity: (bytes) => text.decode(bytesOf(fieldsOf(bytes).get(1))),
  Time: (bytes) => timeOf(bytes, timestamp),
  MicroTime: (bytes) => timeOf(bytes, microTimestamp),
  RawExtension: jsonIn,
  FieldsV1: jsonIn,
  Verbs: textsIn,
  ExtraValue: textsIn,
  IntOrString: (bytes) => {
    const fields = fieldsOf(bytes);
    const isText = integerOf(fields.get(1)) === 1;
    return isText ? text.decode(bytesOf(fields.get(3))) : integerOf(fields.get(2));
  },
};

/** No seconds at all is no time. */
function timeOf(bytes: Uint8Array, write: (at: number) => string): Json {
  const fields = fieldsOf(bytes);
  if (!fields.has(1)) return null;
  return write(integerOf(fields.get(1)) * 1000 + Math.trunc(integerOf(fields.get(2)) / 1e6));
}

function integerOf(value: WireValue | undefined): number {
  return value?.kind === 'varint' ? Number(value.value) : 0;
}

function jsonIn(bytes: Uint8Array): Json {
  const raw = text.decode(bytesOf(fieldsOf(bytes).get(1)));
  return raw === '' ? null : (JSON.parse(raw) as Json);
}

function textsIn(bytes: Uint8Array): Json {
  return [...wireFields(bytes)].map(({ value }) => text.decode(bytesOf(value)));
}
