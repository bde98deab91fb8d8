import { sha256 } from './sha256.ts';

const names = new Map<string, string>();

/** Name of the VolumeAttachment of a volume on a node: `GetAttachmentName` in `pkg/volume/csi/csi_attacher.go`. */
export function attachmentNameOf(volumeHandle: string, driver: string, node: string): string {
  const text = `${volumeHandle}${driver}${node}`;
  let name = names.get(text);
  if (name === undefined) {
    name = `csi-${sha256(text)}`;
    names.set(text, name);
  }
  return name;
}
