import type { RequestListener, ServerResponse } from 'node:http';
import type { ServerOptions } from 'node:https';
import { onTestFinished } from 'vitest';
import { openLiveDriver } from '../../../src/drivers/real/live-driver.ts';
import { resources } from '../../../src/model/kube.ts';
import type { KubeRequest } from '../../../src/model/request.ts';
import { createAuthority, type Identity } from './certificates.ts';
import { base64, serve, writeKubeconfig } from './loopback.ts';

/** The authority that every server and client of these tests is signed by. */
export const authority = await createAuthority('test authority');
export const serverIdentity = await authority.issue('CN=server');
export const clientIdentity = await authority.issue('CN=admin, O=system:masters');

export const getNode: KubeRequest = { api: 'kube', site: 'a', verb: 'get', resource: resources.node, name: 'n1' };
export const deleteNode: KubeRequest = { ...getNode, verb: 'delete' };

export const serverSide = ({ certificate, key }: Identity): ServerOptions => ({ cert: certificate, key });

export const answerJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

export const sayHello: RequestListener = (_request, response) => answerJson(response, 200, { kind: 'Node' });

interface Limits {
  readonly kubeMs?: number;
  readonly execPluginMs?: number;
}

/** A driver whose site `a` is behind the kubeconfig; closed with the test. */
export function driverOn(kubeconfigPath: string, limits: Limits = {}) {
  const driver = openLiveDriver({
    sites: [{ name: 'a', kubeconfigPath }],
    environment: { PATH: '/usr/bin:/bin' },
    timeouts: { kubeMs: 2000, ...limits },
  });
  onTestFinished(() => driver.close());
  return driver;
}

interface Served extends Limits {
  readonly tls?: ServerOptions;
  readonly cluster?: object;
  readonly user?: object;
}

/** A driver whose site `a` is a TLS server of this test, trusted and with a good token unless told otherwise. */
export async function served(listener: RequestListener, given: Served = {}) {
  const { tls = serverSide(serverIdentity), cluster, user = { token: 'secret' }, ...limits } = given;
  const { port, server } = await serve(listener, tls);
  const trusted = { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': base64(authority.certificate) };
  const kubeconfig = await writeKubeconfig({ ...trusted, ...cluster }, user);
  return { driver: driverOn(kubeconfig, limits), server, port, kubeconfig };
}
