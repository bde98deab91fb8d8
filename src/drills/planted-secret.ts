import type { JsonObject } from '../model/json.ts';

/** The Secret with the first VM's user data. What is in it must never show anywhere else. */
export const plantedSecret = 'vm-1-user-data';

/** The same text in plain, and as the API keeps it. */
export const secretTexts: readonly [string, string] = ['hunter2-planted', 'aHVudGVyMi1wbGFudGVk'];

/** The Secret as a person would create it. */
export function plantedSecretObject(namespace: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: plantedSecret, namespace },
    data: { userdata: secretTexts[1] },
  };
}
