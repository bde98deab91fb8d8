import { type Millis, second } from '../../model/instant.ts';
import type { KubeRequest, LinstorRequest, Outcome } from '../../model/request.ts';
import type { LinstorAccess } from '../../model/settings.ts';
import type { Site } from '../../model/site.ts';
import { AccessError } from './access-error.ts';
import type { Environment } from './exec-plugin.ts';
import { openKubeTransport, type Transport } from './kube-transport.ts';
import { type LinstorClient, type LinstorRoute, openLinstorClient } from './linstor-client.ts';
import { discoverLinstor, type LinstorDiscovery, type LinstorPlace, piraeus } from './linstor-discovery.ts';
import { linstorUrls } from './linstor-urls.ts';
import type { ServerAccess } from './server-access.ts';

export interface LinstorConnectionSettings {
  readonly access: LinstorAccess;
  readonly sites: readonly Site[];
  readonly environment: Environment;
  readonly timeout: Millis;
  readonly closing: AbortSignal;
  readonly performKube: (request: KubeRequest) => Promise<Outcome>;
  /** The transport of a site's Kubernetes API. @throws AccessError */
  readonly siteTransport: (site: string) => Promise<Transport>;
}

export interface LinstorConnection {
  perform(request: LinstorRequest): Promise<Outcome>;
  /** Where the controller is, or every reason why it was not found. */
  locate(): Promise<LinstorDiscovery>;
  close(): void;
}

// A probe only says whether a controller is there; several are tried at once.
const probeTimeout = 3 * second;

/** The connection to LINSTOR: configured controllers, else the place that discovery finds, looked for again once it is lost. */
export function openLinstorConnection(settings: LinstorConnectionSettings): LinstorConnection {
  const transports = new Set<Transport>();
  let located: Promise<{ readonly discovery: LinstorDiscovery; readonly client?: LinstorClient }> | undefined;

  const clientAt = async (place: LinstorPlace): Promise<LinstorClient> =>
    openLinstorClient(await routesTo(place, settings, transports));
  const probe = async (place: LinstorPlace): Promise<Outcome> => {
    const client = await clientAt(place).catch(outcomeOfAccessError);
    return 'perform' in client
      ? client.perform(versionRequest, Math.min(probeTimeout, settings.timeout), settings.closing)
      : client;
  };
  const locate = async () => {
    const discovery =
      configured(settings.access) ??
      (await discoverLinstor({ sites: settings.sites, perform: settings.performKube, probe }));
    return discovery.kind === 'found' ? { discovery, client: await clientAt(discovery.place) } : { discovery };
  };
  const once = () => (located ??= locate());
  const forget = (): void => {
    located = undefined;
  };

  return {
    async perform(request) {
      try {
        const { discovery, client } = await once();
        const outcome =
          client === undefined
            ? notFound(discovery)
            : await client.perform(request, settings.timeout, settings.closing);
        if (outcome.kind === 'unknown' && outcome.reason === 'unreachable') forget();
        return outcome;
      } catch (error) {
        forget();
        return outcomeOfAccessError(error);
      }
    },
    async locate() {
      try {
        const { discovery } = await once();
        if (discovery.kind === 'not-found') forget();
        return discovery;
      } catch (error) {
        forget();
        if (error instanceof AccessError) return { kind: 'not-found', reasons: [error.message] };
        throw error;
      }
    },
    close() {
      for (const transport of transports) transport.close();
    },
  };
}

const versionRequest: LinstorRequest = { api: 'linstor', method: 'GET', path: '/v1/controller/version' };

/** @throws AccessError for an address that is none */
function configured(access: LinstorAccess): LinstorDiscovery | undefined {
  if (access.controllers.length === 0) return undefined;
  const secure = access.caFile !== undefined || access.certificateFile !== undefined;
  const urls = linstorUrls(access.controllers.join(','), { secure });
  return { kind: 'found', place: { kind: 'controllers', urls, foundBy: 'settings' } };
}

async function routesTo(
  place: LinstorPlace,
  settings: LinstorConnectionSettings,
  opened: Set<Transport>,
): Promise<readonly LinstorRoute[]> {
  if (place.kind === 'service-proxy') {
    const { namespace, controllerService, controllerPort } = piraeus;
    const prefix = `/api/v1/namespaces/${namespace}/services/${controllerService}:${controllerPort}/proxy`;
    const name = `LINSTOR through the Kubernetes API of "${place.site}"`;
    return [{ name, prefix, transport: await settings.siteTransport(place.site) }];
  }
  // With several controllers a dead one must leave time for the others.
  const connectLimit = place.urls.length > 1 ? Math.floor(settings.timeout / (place.urls.length + 1)) : undefined;
  return place.urls.map((url) => {
    const transport = openKubeTransport(serverAccess(url, settings.access), {
      environment: settings.environment,
      execPluginLimit: settings.timeout,
      ...(connectLimit !== undefined && { connectLimit }),
    });
    opened.add(transport);
    return { name: `LINSTOR controller ${url}`, prefix: '', transport };
  });
}

function serverAccess(server: string, access: LinstorAccess): ServerAccess {
  const { username, passwordFile, tokenFile, caFile, certificateFile, keyFile } = access;
  return {
    file: 'LINSTOR settings',
    server,
    insecureSkipTlsVerify: false,
    ...(caFile !== undefined && { certificateAuthority: { file: caFile } }),
    user: {
      name: username ?? '',
      ...(certificateFile !== undefined && { certificate: { file: certificateFile } }),
      ...(keyFile !== undefined && { key: { file: keyFile } }),
      ...(tokenFile !== undefined && { tokenFile }),
      ...(username !== undefined && {
        basic: { username, password: passwordFile === undefined ? '' : { file: passwordFile } },
      }),
    },
  };
}

function notFound(discovery: LinstorDiscovery): Outcome {
  const reasons = discovery.kind === 'not-found' ? discovery.reasons.join('; ') : '';
  return {
    kind: 'unknown',
    reason: 'unreachable',
    message: `No LINSTOR controller was found: ${reasons}. Nothing was sent`,
  };
}

function outcomeOfAccessError(error: unknown): Outcome {
  if (!(error instanceof AccessError)) throw error;
  return { kind: 'unknown', reason: 'unreachable', message: `LINSTOR cannot be used: ${error.message}` };
}
