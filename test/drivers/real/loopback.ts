import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Loopback {
  readonly port: number;
  readonly server: Server;
}

/** A server on 127.0.0.1 that ends with the test: https with TLS settings, http without. */
export async function serve(listener: RequestListener, tls?: ServerOptions): Promise<Loopback> {
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  server.on('tlsClientError', () => {}); // the client's view is the one under test
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, server };
}

/** A folder that goes away with the test. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'site-recovery-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A kubeconfig with one context `admin`, written as JSON (which is YAML); `cluster` and `user` as in the file format. */
export async function writeKubeconfig(cluster: object, user: object = {}, into?: string): Promise<string> {
  const file = join(into ?? (await folder()), 'kubeconfig');
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'admin',
    clusters: [{ name: 'site', cluster }],
    users: [{ name: 'admin', user }],
    contexts: [{ name: 'admin', context: { cluster: 'site', user: 'admin' } }],
  };
  await writeFile(file, JSON.stringify(content));
  return file;
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
