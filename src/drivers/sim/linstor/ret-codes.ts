/**
 * LINSTOR's return codes: 64-bit numbers put together from a type, an operation, an object and a code
 * (LINBIT/linstor-server `ApiConsts`). They are bigints here: a JSON number loses their low bits, which are the code.
 */
export type ReturnCode = bigint;

const types = {
  success: 0n,
  info: 0x4000000000000000n,
  warn: 0x8000000000000000n,
  error: 0xc000000000000000n,
} as const;

const operations = { none: 0n, create: 0x1000000n, modify: 0x2000000n, delete: 0x3000000n } as const;

const objects = {
  none: 0n,
  node: 0x3c0000n,
  resourceDefinition: 0x380000n,
  resource: 0x340000n,
  volumeDefinition: 0x300000n,
  volume: 0x2c0000n,
  nodeConnection: 0x280000n,
  resourceConnection: 0x240000n,
  netInterface: 0x1c0000n,
  storagePool: 0x140000n,
  controller: 0x100000n,
  snapshot: 0xc0000n,
  resourceGroup: 0x440000n,
  volumeGroup: 0x480000n,
} as const;

export type ReturnType = keyof typeof types;
export type Operation = keyof typeof operations;
export type LinstorObject = keyof typeof objects;

/** The signed 64-bit number as LINSTOR prints it. */
export function returnCode(type: ReturnType, operation: Operation, object: LinstorObject, code: number): ReturnCode {
  return BigInt.asIntN(64, types[type] | operations[operation] | objects[object] | BigInt(code));
}

/** Code of a return code, without type, operation and object: 300 for a missing node, 997 for a resource in use. */
export function codeOf(code: ReturnCode): number {
  return Number(BigInt.asUintN(64, code) & 0x7fffn);
}

export function isError(code: ReturnCode): boolean {
  return BigInt.asUintN(64, code) >> 62n === 3n;
}

/** HTTP status of an answer: its first error decides (`ApiCallRcRestUtils`); `success` where there is none. */
export function statusOf(codes: readonly ReturnCode[], success: number): number {
  const failure = codes.find(isError);
  if (failure === undefined) return success;
  const code = codeOf(failure);
  if (code >= 300 && code <= 399) return 404;
  if (code >= 400 && code <= 499) return 403;
  return 500;
}
