import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeApiServer {
  readonly url: string;
  /** Paths asked for, in order, with their methods. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export type Handler = (path: string, request: IncomingMessage) => { status: number; body: unknown } | 'hang';

/** A server on loopback that answers what the handler says; 'hang' never answers. */
export async function openFakeApiServer(handler: Handler): Promise<FakeApiServer> {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    asked.push(`${request.method} ${path}`);
    const answer = handler(path, request);
    if (answer === 'hang') return;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A cluster in order: it has a version and lists of anything, all empty. */
export const healthyCluster =
  (version: string): Handler =>
  (path) =>
    path === '/version'
      ? { status: 200, body: { gitVersion: version } }
      : { status: 200, body: { kind: 'List', apiVersion: 'v1', metadata: {}, items: [] } };

/** A Status answer of a Kubernetes API server. */
export const statusAnswer = (status: number, reason: string, message: string): { status: number; body: unknown } => ({
  status,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code: status },
});

/** A kubeconfig with one context per server, named by its key; the first one is current. */
export function kubeconfigText(servers: Readonly<Record<string, string>>): string {
  const names = Object.keys(servers);
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': names[0],
    contexts: names.map((name) => ({ name, context: { cluster: name, user: 'someone' } })),
    clusters: names.map((name) => ({ name, cluster: { server: servers[name] } })),
    users: [{ name: 'someone', user: { token: 'secret-token' } }],
  });
}
