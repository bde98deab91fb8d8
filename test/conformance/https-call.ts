import { Agent, request } from 'node:https';
import type { Answered, Call } from './cluster-under-test.ts';
import { type Begin, httpCall } from './http-client.ts';

/** Where an HTTPS server on loopback listens, and who vouches for it. */
export interface Endpoint {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
}

/** Requests to the endpoint over connections that are kept. */
export function beginOver({ port, ca }: Endpoint): Begin {
  const agent = new Agent({ keepAlive: true, ca });
  return (options, onResponse) => request({ ...options, agent, host: '127.0.0.1', port }, onResponse);
}

/** One request over a connection of its own. */
export function callOver(endpoint: Endpoint & { readonly token: string }, call: Call): Promise<Answered> {
  const { port, ca, token } = endpoint;
  return httpCall(
    (options, onResponse) => request({ ...options, agent: false, ca, host: '127.0.0.1', port }, onResponse),
    call,
    token,
  );
}
