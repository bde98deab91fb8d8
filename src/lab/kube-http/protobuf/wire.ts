/** One field of a protobuf message as it stands on the wire. */
export type WireValue =
  | { readonly kind: 'varint'; readonly value: bigint }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'fixed'; readonly value: DataView };

export interface WireField {
  readonly number: number;
  readonly value: WireValue;
}

/** Thrown for bytes that are no protobuf message. */
export class WireError extends Error {}

/** The fields of a message in their order (https://protobuf.dev/programming-guides/encoding). */
export function* wireFields(bytes: Uint8Array): Generator<WireField> {
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) {
    const tag = Number(varint(reader));
    yield { number: tag >>> 3, value: wireValue(reader, tag & 7) };
  }
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

function wireValue(reader: Reader, type: number): WireValue {
  switch (type) {
    case 0:
      return { kind: 'varint', value: varint(reader) };
    case 1:
      return { kind: 'fixed', value: viewOf(take(reader, 8)) };
    case 2:
      return { kind: 'bytes', value: take(reader, Number(varint(reader))) };
    case 5:
      return { kind: 'fixed', value: viewOf(take(reader, 4)) };
    default:
      throw new WireError(`illegal wire type ${type}`);
  }
}

function varint(reader: Reader): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = take(reader, 1)[0] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asIntN(64, value);
  }
  throw new WireError('integer overflow');
}

function take(reader: Reader, length: number): Uint8Array {
  const end = reader.at + length;
  if (end > reader.bytes.length || length < 0) throw new WireError('unexpected EOF');
  const taken = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return taken;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
