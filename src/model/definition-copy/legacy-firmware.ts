import { sha1 } from './sha1.ts';

/** Namespace of the firmware UUIDs that KubeVirt computed before it stored them. */
const firmwareNamespace = '6a1a24a1-4061-4607-8bf4-a3963d0c5895';

/**
 * The firmware UUID of a VM whose definition has none: up to v1.5 KubeVirt derived it at each start from the VM's name, as a UUID
 * of version 5. A newer release gives a new VM a random one, so the copy must carry it.
 * Source: kubevirt/kubevirt pkg/virt-controller/watch/vm/firmware.go.
 */
export function legacyFirmwareUuid(vmName: string): string {
  return nameUuid(firmwareNamespace, vmName);
}

/** UUID of version 5 (RFC 9562, section 5.5): SHA-1 of the namespace's bytes and the name. */
export function nameUuid(namespace: string, name: string): string {
  const prefix = Uint8Array.from(namespace.replaceAll('-', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const bytes = sha1(Uint8Array.of(...prefix, ...utf8(name))).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
