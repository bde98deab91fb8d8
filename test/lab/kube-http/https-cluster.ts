import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import { ApiServer } from '../../../src/drivers/sim/api-server/api-server.ts';
import { Randomness } from '../../../src/drivers/sim/random.ts';
import { type Authority, type Certificate, createAuthority } from '../../../src/lab/certificates.ts';
import { KubeFace } from '../../../src/lab/kube-http/kube-face.ts';
import { KubeServer } from '../../../src/lab/kube-http/kube-server.ts';
import { nothingRuns, type RunInPod } from '../../../src/lab/kube-http/pod-exec.ts';
import { type PodLogs, noLogs } from '../../../src/lab/kube-http/pod-log.ts';
import type { ProxiedService } from '../../../src/lab/kube-http/service-proxy.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly json: JsonObject;
}

export interface Call {
  readonly method?: string;
  readonly path: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Json;
  readonly client?: Certificate;
}

/** An API server behind its HTTPS face, on loopback, with the tokens `admin` and `nobody`. */
export interface HttpsCluster {
  readonly api: ApiServer;
  readonly server: KubeServer;
  readonly authority: Authority;
  readonly faults: unknown[];
  call(call: Call): Promise<Reply>;
  /** Opens a watch; lines are given as they come, until `stop`. */
  watch(path: string, accept?: string): Promise<OpenWatch>;
  close(): Promise<void>;
}

export interface OpenWatch {
  next(): Promise<JsonObject>;
  stop(): void;
  readonly ended: Promise<void>;
}

/** Wall time of the cluster's clock; objects are a minute old. */
export const wall = { now: Date.UTC(2026, 0, 1) };

export async function openHttpsCluster(
  parts: { readonly services?: readonly ProxiedService[]; readonly logs?: PodLogs; readonly exec?: RunInPod } = {},
): Promise<HttpsCluster> {
  const api = new ApiServer({
    cluster: 'cluster1',
    kubernetesVersion: 'v1.36.3',
    wallNow: () => wall.now,
    random: new Randomness(1).stream('api'),
  });
  const authority = await createAuthority('test');
  const certificate = await authority.issueServer('kube-apiserver');
  const faults: unknown[] = [];
  const server = await KubeServer.open(
    certificate,
    authority.certificate,
    (serverAddress) =>
      new KubeFace({
        api,
        serverAddress,
        kubernetesVersion: 'v1.36.3',
        services: parts.services ?? [],
        logs: parts.logs ?? noLogs,
        exec: parts.exec ?? nothingRuns,
        tokens: new Map([
          ['admin', { name: 'admin', groups: ['system:masters'] }],
          ['nobody', { name: 'nobody', groups: [] }],
        ]),
        wallNow: () => wall.now + 60_000,
        now: (act) => act(),
        onFault: (cause) => faults.push(cause),
      }),
  );
  const send = (call: Call): Promise<IncomingMessage> => begin(server.port, authority.certificate, call);
  return {
    api,
    server,
    authority,
    faults,
    call: async (call) => replyOf(await send(call)),
    watch: async (path, accept) => openWatch(await send({ path, headers: accept === undefined ? {} : { accept } })),
    close: () => server.close(),
  };
}

function begin(port: number, ca: string, call: Call): Promise<IncomingMessage> {
  const { method = 'GET', path, token = 'admin', headers = {}, body, client } = call;
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        ca,
        method,
        path,
        agent: false,
        headers: {
          ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined || isRaw ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(client === undefined ? {} : { cert: client.certificate, key: client.privateKey }),
      },
      resolve,
    );
    request.on('error', reject);
    request.end(body === undefined ? undefined : isRaw ? body : JSON.stringify(body));
  });
}

async function replyOf(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const isJson = response.headers['content-type']?.startsWith('application/json') === true && text !== '';
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: isJson ? (JSON.parse(text) as JsonObject) : {},
  };
}

function openWatch(response: IncomingMessage): OpenWatch {
  const lines: string[] = [];
  let waiting: (() => void) | undefined;
  let rest = '';
  const ended = new Promise<void>((resolve) => response.on('close', resolve));
  response.on('error', () => response.destroy());
  response.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    waiting?.();
  });
  return {
    ended,
    stop: () => response.destroy(),
    next: async () => {
      while (lines.length === 0) {
        await new Promise<void>((resolve) => {
          waiting = resolve;
        });
      }
      return JSON.parse(lines.shift() ?? '') as JsonObject;
    },
  };
}
