import type { SiteName, SiteRole } from '../../model/site.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { openKubeTransport, type Transport, type TransportSettings } from './kube-transport.ts';

/** How to reach one site: a context (the current one unless named) of a kubeconfig file. */
export interface SiteSettings {
  readonly name: SiteName;
  readonly kubeconfigPath: string;
  readonly context?: string;
  /** Helps to find LINSTOR; without it the site counts as one with VMs. */
  readonly role?: SiteRole;
}

export interface OpenSite {
  /** @throws AccessError; the next call reads the kubeconfig again, for it may have been repaired. */
  transport(): Promise<Transport>;
  /** The credentials are refused: the next call reads the kubeconfig again, in case it has new ones. */
  forget(): void;
  close(): Promise<void>;
}

/** A site whose kubeconfig is read, and whose connections are opened, on first use. */
export function openSite(site: SiteSettings, settings: TransportSettings): OpenSite {
  let opened: Promise<Transport> | undefined;
  const open = async (): Promise<Transport> =>
    openKubeTransport(await readKubeconfig(site.kubeconfigPath, site.context), settings);
  const end = async (): Promise<void> => {
    const transport = await opened?.catch(() => undefined);
    transport?.close();
  };
  return {
    transport() {
      opened ??= open().catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      return opened;
    },
    forget() {
      void end();
      opened = undefined;
    },
    close: end,
  };
}
