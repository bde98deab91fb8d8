import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HealthPages {
  /** Why the process is not ready to take over work; empty when it is. */
  readonly trouble: () => readonly string[];
  /** The page for Prometheus, and its media type. */
  readonly metrics: () => Promise<{ readonly text: string; readonly type: string }>;
}

export interface HealthServer {
  /** `http://HOST:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `/healthz` (the process answers) and `/readyz` (it follows its cluster, so that it can work), as kubelet's probes ask
 * for them, and `/metrics`. @throws when the address cannot be listened on
 */
export async function openHealthServer(
  { host, port }: { readonly host: string; readonly port: number },
  pages: HealthPages,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/healthz') return answer(response, 200, 'ok\n');
    if (pathname === '/metrics') {
      pages.metrics().then(
        ({ text, type }) => answer(response, 200, text, type),
        (error: unknown) => answer(response, 500, `${String(error)}\n`),
      );
      return undefined;
    }
    if (pathname !== '/readyz') return answer(response, 404, 'There are: /healthz, /readyz, /metrics\n');
    const trouble = pages.trouble();
    return answer(
      response,
      trouble.length === 0 ? 200 : 503,
      trouble.length === 0 ? 'ok\n' : `${trouble.join('\n')}\n`,
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { address, port: opened } = server.address() as AddressInfo;
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${opened}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type }).end(text);
}
