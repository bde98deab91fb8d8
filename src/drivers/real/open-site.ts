import { statSync } from 'node:fs';
import type { SiteName, SiteRole } from '../../model/site.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { openKubeTransport, type Transport, type TransportSettings } from './kube-transport.ts';
import type { ServerAccess } from './server-access.ts';

/** How to reach one site: a context (the current one unless named) of a kubeconfig file, or an access that is known already. */
export type SiteSettings = {
  readonly name: SiteName;
  /** Helps to find LINSTOR; without it the site counts as one with VMs. */
  readonly role?: SiteRole;
} & ({ readonly kubeconfigPath: string; readonly context?: string } | { readonly access: ServerAccess });

export interface OpenSite {
  /**
   * The connections of the kubeconfig as the file is now: another file in its place (a Secret that was rotated) counts from
   * the next call on. @throws AccessError
   */
  transport(): Promise<Transport>;
  /** The credentials are refused: the next call reads the kubeconfig again, in case it has new ones. */
  forget(): void;
  close(): Promise<void>;
}

/** A site whose kubeconfig is read, and whose connections are opened, on first use. */
export function openSite(site: SiteSettings, settings: TransportSettings): OpenSite {
  let opened: Promise<Transport> | undefined;
  let openedFrom: string | undefined;
  const open = async (): Promise<Transport> =>
    openKubeTransport(
      'access' in site ? site.access : await readKubeconfig(site.kubeconfigPath, site.context),
      settings,
    );
  const end = async (): Promise<void> => {
    const transport = await opened?.catch(() => undefined);
    transport?.close();
  };
  const forget = (): void => {
    void end();
    opened = undefined;
  };
  return {
    transport() {
      const file = 'access' in site ? undefined : versionOf(site.kubeconfigPath);
      if (opened !== undefined && file !== openedFrom) forget();
      openedFrom = file;
      opened ??= open().catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      return opened;
    },
    forget,
    close: end,
  };
}

/** Tells a file from what was in its place before; undefined where there is none, or none that can be looked at. */
function versionOf(path: string): string | undefined {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return undefined; // what is wrong with it is said by whoever reads it
  }
}
