import { linstorDriver } from '../../../model/volume.ts';
import { sha1 } from '../../../model/definition-copy/sha1.ts';

/**
 * Name of the LINSTOR resource of a new volume: `<namespace>-<claim>` where the class asks for it, else the CSI name where
 * LINSTOR can take it, else a UUID of it (`CompatibleVolumeId` in `pkg/client/linstor.go`).
 */
export function volumeIdFor(
  name: string,
  claim: { readonly namespace: string; readonly name: string } | undefined,
): string {
  const ofClaim = `${claim?.namespace}-${claim?.name}`;
  if (claim !== undefined && isResourceName(ofClaim)) return ofClaim;
  return isResourceName(name) ? name : `vol-${nameUuid(linstorDriver, name)}`;
}

/** UUID of version 5 in a name space that is a text, not a UUID: that is how the driver calls `uuid.NewSHA1`. */
export function nameUuid(space: string, name: string): string {
  const digest = sha1(new TextEncoder().encode(space + name)).slice(0, 16);
  digest[6] = ((digest[6] as number) & 0x0f) | 0x50;
  digest[8] = ((digest[8] as number) & 0x3f) | 0x80;
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function isResourceName(text: string): boolean {
  return text !== 'all' && /[A-Za-z]/.test(text) && /^[A-Za-z_][\w-]{1,47}$/.test(text);
}
