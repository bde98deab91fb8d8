import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Failure, badRequest, failure } from './status.ts';
import type { ServiceProxyRoute } from './route.ts';

/** Something behind a Service of a cluster: it answers HTTP, its path starting with a slash. */
export type ServiceBackend = (request: IncomingMessage, response: ServerResponse, path: string) => void;

/** A Service that can be reached through the API server's proxy. */
export interface ProxiedService {
  readonly namespace: string;
  readonly name: string;
  /** Numbers and names that a URL may use. */
  readonly ports: readonly string[];
  readonly backend: ServiceBackend;
}

/** The service that `[https:]NAME[:PORT]` of a proxy path means, or why there is none. */
export function findService(
  services: readonly ProxiedService[],
  route: ServiceProxyRoute,
): { readonly service: ProxiedService } | { readonly failure: Failure } {
  const parts = route.service.split(':');
  if (parts.length > 3) return { failure: badRequest(`invalid service request "${route.service}"`) };
  const [name = '', port = ''] = parts.length === 3 ? parts.slice(1) : parts;
  const service = services.find((each) => each.namespace === route.namespace && each.name === name);
  if (service === undefined) {
    const message = `services "${name}" not found`;
    return { failure: failure(404, 'NotFound', message, { name, kind: 'services' }) };
  }
  if (port !== '' && !service.ports.includes(port)) {
    const message = `no service port ${port} found for service "${name}"`;
    return { failure: failure(503, 'ServiceUnavailable', message) };
  }
  return { service };
}
