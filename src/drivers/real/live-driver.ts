import { type Millis, second } from '../../model/instant.ts';
import type { ApiRequest, KubeRequest, LinstorRequest, Outcome } from '../../model/request.ts';
import type { SiteName } from '../../model/site.ts';
import type { Driver } from '../../runtime/ports.ts';
import { AccessError } from './access-error.ts';
import type { Environment } from './exec-plugin.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { kubeHttpCall } from './kube-request.ts';
import { openKubeTransport, type Transport } from './kube-transport.ts';
import { kubeOutcome } from './outcome-of-answer.ts';

/** How to reach one site: a context (the current one unless named) of a kubeconfig file. */
export interface SiteSettings {
  readonly name: SiteName;
  readonly kubeconfigPath: string;
  readonly context?: string;
}

export interface DriverTimeouts {
  /** One Kubernetes call. */
  readonly kubeMs: Millis;
  /** One LINSTOR call: a frozen satellite holds some reads for about 7 s. */
  readonly linstorMs: Millis;
  /** One run of a kubeconfig's exec plugin. */
  readonly execPluginMs: Millis;
}

export interface LiveDriverSettings {
  readonly sites: readonly SiteSettings[];
  /** What exec plugins inherit and where proxies are named; `process.env` of the program. */
  readonly environment: Environment;
  readonly timeouts?: Partial<DriverTimeouts>;
}

export const defaultTimeouts: DriverTimeouts = {
  kubeMs: 5 * second,
  linstorMs: 10 * second,
  execPluginMs: 10 * second,
};

/** The driver over real HTTP. Opens nothing until the first request; `close` ends every call under way. */
export function openLiveDriver(settings: LiveDriverSettings): Driver {
  const timeouts = { ...defaultTimeouts, ...settings.timeouts };
  const closing = new AbortController();
  const sites = new Map(settings.sites.map((site) => [site.name, openSite(site, settings.environment, timeouts)]));
  const underWay = new Set<Promise<Outcome>>();
  const perform = (request: ApiRequest): Promise<Outcome> =>
    request.api === 'kube'
      ? performKube(request, sites.get(request.site), timeouts.kubeMs, closing.signal)
      : performLinstor(request);
  return {
    async perform(request) {
      const outcome = perform(request);
      underWay.add(outcome);
      try {
        return await outcome;
      } finally {
        underWay.delete(outcome);
      }
    },
    async close() {
      closing.abort(new Error('the driver was closed'));
      await Promise.allSettled(underWay);
      for (const site of sites.values()) await site.close();
    },
  };
}

interface OpenSite {
  readonly settings: SiteSettings;
  /** @throws AccessError; the next call reads the kubeconfig again, for it may have been repaired. */
  transport(): Promise<Transport>;
  close(): Promise<void>;
}

function openSite(settings: SiteSettings, environment: Environment, timeouts: DriverTimeouts): OpenSite {
  let opened: Promise<Transport> | undefined;
  const open = async (): Promise<Transport> => {
    const kubeconfig = await readKubeconfig(settings.kubeconfigPath, settings.context);
    return openKubeTransport(kubeconfig, { environment, execPluginLimit: timeouts.execPluginMs });
  };
  return {
    settings,
    transport() {
      opened ??= open().catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      return opened;
    },
    async close() {
      const transport = await opened?.catch(() => undefined);
      transport?.close();
    },
  };
}

async function performKube(
  request: KubeRequest,
  site: OpenSite | undefined,
  timeout: Millis,
  closing: AbortSignal,
): Promise<Outcome> {
  if (site === undefined) return unreachable(`Site "${request.site}" is not configured. Nothing was sent`);
  try {
    const transport = await site.transport();
    return kubeOutcome(await transport.exchange(kubeHttpCall(request), timeout, closing), `Site "${request.site}"`);
  } catch (error) {
    if (error instanceof AccessError) return unreachable(`Site "${request.site}" cannot be used: ${error.message}`);
    throw error;
  }
}

async function performLinstor(_request: LinstorRequest): Promise<Outcome> {
  return unreachable('No LINSTOR controller is configured. Nothing was sent');
}

const unreachable = (message: string): Outcome => ({ kind: 'unknown', reason: 'unreachable', message });
