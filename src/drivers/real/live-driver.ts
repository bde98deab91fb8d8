import { assert } from '../../model/assert.ts';
import { type Millis, second } from '../../model/instant.ts';
import type { ApiRequest, ExecRequest, KubeRequest, Outcome } from '../../model/request.ts';
import type { LinstorAccess } from '../../model/settings.ts';
import type { SiteName } from '../../model/site.ts';
import type { Driver } from '../../runtime/ports.ts';
import { AccessError } from './access-error.ts';
import type { Environment } from './exec-plugin.ts';
import { kubeHttpCall } from './kube-request.ts';
import type { Transport } from './kube-transport.ts';
import { openLinstorConnection } from './linstor-connection.ts';
import type { LinstorDiscovery } from './linstor-discovery.ts';
import { Silence } from './silence.ts';
import { systemClock } from './system-clock.ts';
import { openSite, type OpenSite, type SiteSettings } from './open-site.ts';
import { kubeOutcome } from './outcome-of-answer.ts';

export interface DriverTimeouts {
  /** One Kubernetes call. */
  readonly kubeMs: Millis;
  /** One LINSTOR call: a frozen satellite holds some reads for about 7 s. */
  readonly linstorMs: Millis;
  /** One command in a pod, from when its connection is open; opening it takes as long as a Kubernetes call may. */
  readonly execMs: Millis;
  /** One run of a kubeconfig's exec plugin, before the call that needs it. */
  readonly execPluginMs: Millis;
}

export interface LiveDriverSettings {
  readonly sites: readonly SiteSettings[];
  /** Without controllers in it, LINSTOR is looked for through the sites. */
  readonly linstor?: LinstorAccess;
  /** What exec plugins inherit and where proxies are named: `process.env` of the program. */
  readonly environment: Environment;
  readonly timeouts?: Partial<DriverTimeouts>;
  /** The process has hardly more to ask than one thing of each site; see `TransportSettings`. */
  readonly endsSoon?: boolean;
}

export interface LiveDriver extends Driver {
  /** Where LINSTOR's controller is, or every reason why it was not found. */
  locateLinstor(): Promise<LinstorDiscovery>;
}

/** A driver that can be followed by reflectors as well. */
export interface WatchableDriver extends LiveDriver {
  /** The connections to one of its sites, for what is no request: watches. @throws AccessError */
  siteTransport(site: SiteName): Promise<Transport>;
}

export const defaultTimeouts: DriverTimeouts = {
  kubeMs: 5 * second,
  linstorMs: 10 * second,
  execMs: 10 * second,
  execPluginMs: 10 * second,
};

/** The driver over real HTTP. Opens nothing before the first request; `close` ends every call under way. */
export function openLiveDriver(settings: LiveDriverSettings): WatchableDriver {
  const { environment } = settings;
  const timeouts = { ...defaultTimeouts, ...settings.timeouts };
  const closing = new AbortController();
  const { endsSoon = false } = settings;
  const siteSettings = { environment, execPluginLimit: timeouts.execPluginMs, endsSoon };
  const sites = new Map(settings.sites.map((site) => [site.name, openSite(site, siteSettings)]));
  const { now } = systemClock;
  const silences = new Map(settings.sites.map(({ name }) => [name, new Silence(timeouts.kubeMs, now)]));
  const performKube = async (request: KubeRequest): Promise<Outcome> => {
    const silence = silences.get(request.site);
    const [begun, limit] = [now(), silence?.limitOf(request) ?? timeouts.kubeMs];
    const outcome = await performAtSite(request, sites.get(request.site), async (transport, name) =>
      kubeOutcome(await transport.exchange(kubeHttpCall(request), limit, closing.signal), name),
    );
    silence?.note(outcome, begun);
    return outcome;
  };
  const performExec = (request: ExecRequest): Promise<Outcome> =>
    performAtSite(request, sites.get(request.site), async (transport, name) => {
      const limits = { opening: timeouts.kubeMs, command: timeouts.execMs, closing: closing.signal };
      // With the library that it needs, for which most processes have no use.
      const { runCommand } = await import('./pod-command.ts');
      return runCommand(await transport.apart(closing.signal), request, name, limits);
    });
  const siteTransport = async (name: SiteName): Promise<Transport> => siteNamed(sites, name).transport();
  const linstor = openLinstorConnection({
    access: settings.linstor ?? { controllers: [] },
    sites: settings.sites.map(({ name, role = 'primary' }) => ({ name, role })),
    environment,
    timeout: timeouts.linstorMs,
    closing: closing.signal,
    performKube,
    siteTransport,
  });
  const perform = async (request: ApiRequest): Promise<Outcome> => {
    switch (request.api) {
      case 'kube':
        return performKube(request);
      case 'linstor':
        return linstor.perform(request);
      case 'exec':
        return performExec(request);
    }
  };
  const underWay = new Set<Promise<unknown>>();
  const track = async <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work);
    try {
      return await work;
    } finally {
      underWay.delete(work);
    }
  };
  return {
    perform: (request) => track(perform(request)),
    locateLinstor: () => track(linstor.locate()),
    siteTransport,
    async close() {
      closing.abort(new Error('the driver was closed'));
      await Promise.allSettled(underWay);
      linstor.close();
      await Promise.all([...sites.values()].map((site) => site.close()));
    },
  };
}

async function performAtSite(
  request: KubeRequest | ExecRequest,
  site: OpenSite | undefined,
  send: (transport: Transport, name: string) => Promise<Outcome>,
): Promise<Outcome> {
  const name = `Site "${request.site}"`;
  if (site === undefined) return unreachable(`${name} is not configured. Nothing was sent`);
  try {
    const outcome = await send(await site.transport(), name);
    if (outcome.kind === 'refused' && outcome.status === 401) site.forget();
    return outcome;
  } catch (error) {
    if (error instanceof AccessError) return unreachable(`${name} cannot be used: ${error.message}`);
    throw error;
  }
}

function siteNamed(sites: ReadonlyMap<string, OpenSite>, name: string): OpenSite {
  const site = sites.get(name);
  assert(site !== undefined, `site ${name} is one of the driver's`);
  return site;
}

const unreachable = (message: string): Outcome => ({ kind: 'unknown', reason: 'unreachable', message });
