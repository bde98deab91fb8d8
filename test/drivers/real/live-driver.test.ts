import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openLiveDriver } from '../../../src/drivers/real/live-driver.ts';
import { resources } from '../../../src/model/kube.ts';
import type { KubeRequest } from '../../../src/model/request.ts';
import type { Driver } from '../../../src/runtime/ports.ts';
import { type Authority, createAuthority, type Identity } from './certificates.ts';
import { base64, serve, writeKubeconfig } from './loopback.ts';

let authority: Authority;
let own: Identity;

beforeAll(async () => {
  authority = await createAuthority('test authority');
  own = await authority.issue('CN=server');
});

const getNode: KubeRequest = { api: 'kube', site: 'a', verb: 'get', resource: resources.node, name: 'n1' };
const deleteNode: KubeRequest = { ...getNode, verb: 'delete' };

function driverOf(kubeconfigPath: string, kubeMs = 2000): Driver {
  const driver = openLiveDriver({ sites: [{ name: 'a', kubeconfigPath }], environment: {}, timeouts: { kubeMs } });
  onTestFinished(() => driver.close());
  return driver;
}

const tlsOf = ({ certificate, key }: Identity) => ({ cert: certificate, key });

describe('live driver over https', () => {
  test('applies a request with the token and the CA of the kubeconfig', async () => {
    const { port } = await serve((request, response) => {
      expect(request.headers.authorization).toBe('Bearer secret');
      response.end(JSON.stringify({ kind: 'Node', path: request.url }));
    }, tlsOf(own));
    const cluster = {
      server: `https://127.0.0.1:${port}`,
      'certificate-authority-data': base64(authority.certificate),
    };
    const driver = driverOf(await writeKubeconfig(cluster, { token: 'secret' }));
    expect(await driver.perform(getNode)).toEqual({
      kind: 'applied',
      status: 200,
      body: { kind: 'Node', path: '/api/v1/nodes/n1' },
    });
    expect(await driver.perform(deleteNode)).toMatchObject({ kind: 'applied' });
  });
});
