import type { DrbdKernel } from '../../../src/drivers/sim/drbd/kernel.ts';
import { resource } from './commands.ts';

/** What a file system's program met on the device; undefined: it waits for the promotion. */
export type ExitCode = 0 | 32 | undefined;

/** What the device sees of one shell command about a file system on it; undefined where it sees nothing of it. */
export function fileSystemAct(kernel: DrbdKernel, node: string, command: string): (() => ExitCode) | undefined {
  const mount = `mount-on-${node}`;
  if (/mke2fs .*\/dev\/drbd| of=\/dev\/drbd/.test(command)) return () => useOnce(kernel, node, 'rw');
  if (command.startsWith('cat /dev/drbd')) return () => useOnce(kernel, node, 'ro');
  if (/mount .*\/dev\/drbd\S+ \/mnt/.test(command)) {
    return () => mountDevice(kernel, node, mount, command.includes('-o ro') ? 'ro' : 'rw');
  }
  if (/umount \/mnt/.test(command)) return () => unmount(kernel, node, mount);
  if (/> \/mnt\//.test(command)) {
    return () => {
      kernel.write(resource, node, mount);
      return 0;
    };
  }
  return undefined;
}

/** One write by the file system itself; answers whether it is mounted for writing still. A hanging one is not followed by another. */
export function writeMounted(kernel: DrbdKernel, node: string): boolean {
  const { openers, inFlight } = kernel.replica(resource, node)!;
  const opener = `mount-on-${node}`;
  if (openers.get(opener)?.mode !== 'rw') return false;
  if (!inFlight.some((write) => write.opener === opener)) kernel.write(resource, node, opener);
  return true;
}

/** Opened, read or written once, and closed. */
function useOnce(kernel: DrbdKernel, node: string, mode: 'rw' | 'ro'): ExitCode {
  const opener = `once-on-${node}`;
  const result = kernel.open(resource, node, opener, mode);
  if (result.kind !== 'open') return result.kind === 'pending' ? undefined : 32;
  if (mode === 'rw') kernel.write(resource, node, opener);
  else kernel.read(resource, node, opener);
  kernel.close(resource, node, opener);
  return 0;
}

/** A mount reads, and writes unless it is read-only. What can not be opened for writing is tried read-only. */
function mountDevice(kernel: DrbdKernel, node: string, opener: string, mode: 'rw' | 'ro'): ExitCode {
  const result = kernel.open(resource, node, opener, mode);
  if (result.kind === 'pending') return undefined;
  if (result.kind === 'refused') {
    if (mode === 'ro' || result.errno !== 'EROFS') return 32;
    return mountDevice(kernel, node, opener, 'ro');
  }
  if (mode === 'rw') kernel.write(resource, node, opener);
  else kernel.read(resource, node, opener);
  return 0;
}

/** Refused while a write of it hangs. */
function unmount(kernel: DrbdKernel, node: string, opener: string): ExitCode {
  if (kernel.replica(resource, node)!.inFlight.some((write) => write.opener === opener)) return 32;
  kernel.close(resource, node, opener);
  return 0;
}
