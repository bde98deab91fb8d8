import { writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type LiveDriverSettings, openLiveDriver } from '../../../src/drivers/real/live-driver.ts';
import type { LinstorRequest } from '../../../src/model/request.ts';
import { folder, serve, writeKubeconfig } from './loopback.ts';
import { answerJson, authority, clientIdentity, serverIdentity, serverSide } from './tls-site.ts';

const getResources: LinstorRequest = {
  api: 'linstor',
  method: 'GET',
  path: '/v1/view/resources',
  query: { resources: ['pvc-1', 'pvc-2'], limit: '0' },
};
const setProperty: LinstorRequest = {
  api: 'linstor',
  method: 'PUT',
  path: '/v1/resource-definitions/pvc-1',
  body: { override_props: { 'DrbdOptions/Net/allow-two-primaries': 'no' } },
};

function open(settings: Partial<LiveDriverSettings>) {
  const driver = openLiveDriver({
    sites: [],
    environment: {},
    timeouts: { linstorMs: 2000, kubeMs: 2000 },
    ...settings,
  });
  onTestFinished(() => driver.close());
  return driver;
}

/** A controller that remembers what it was asked. */
async function controller(
  answer: RequestListener = (_request, response) => answerJson(response, 200, [{ name: 'pvc-1' }]),
) {
  const asked: string[] = [];
  const { port, server } = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  return { url: `http://127.0.0.1:${port}`, asked, server };
}

async function deadUrl(): Promise<string> {
  const { url, server } = await controller();
  await new Promise((resolve) => server.close(resolve));
  return url;
}

describe('several controllers', () => {
  test('the first that answers is asked, and remembered', async () => {
    const active = await controller();
    const driver = open({ linstor: { controllers: [await deadUrl(), active.url] } });
    expect(await driver.perform(getResources)).toEqual({ kind: 'applied', status: 200, body: [{ name: 'pvc-1' }] });
    expect(await driver.perform(setProperty)).toMatchObject({ kind: 'applied' });
    expect(active.asked).toEqual([
      'GET /v1/view/resources?resources=pvc-1&resources=pvc-2&limit=0',
      'PUT /v1/resource-definitions/pvc-1',
    ]);
  });

  test('a write that may have been stored is never sent to another controller', async () => {
    const cutting = await controller((request) => request.socket.destroy());
    const other = await controller();
    const driver = open({ linstor: { controllers: [cutting.url, other.url] } });
    expect(await driver.perform(setProperty)).toMatchObject({ kind: 'unknown', reason: 'reset' });
    expect(cutting.asked).toHaveLength(1);
    expect(other.asked).toEqual([]);
  });

  test('a read that was cut off is asked of another controller', async () => {
    const cutting = await controller((request) => request.socket.destroy());
    const other = await controller();
    const driver = open({ linstor: { controllers: [cutting.url, other.url] } });
    expect(await driver.perform(getResources)).toMatchObject({ kind: 'applied' });
  });

  test('an address that swallows packets leaves time for the next one', async () => {
    const active = await controller();
    // 192.0.2.0/24 is kept free for documentation: nothing answers there, or the network says so at once.
    const driver = open({ linstor: { controllers: ['http://192.0.2.1:3370', active.url] } });
    expect(await driver.perform(setProperty)).toMatchObject({ kind: 'applied' });
  });

  test('a refusal is an answer: no other controller is asked', async () => {
    const refusing = await controller((_request, response) =>
      response.writeHead(500).end('[{"ret_code":-4611686018373647387,"message":"still in use"}]'),
    );
    const other = await controller();
    const driver = open({ linstor: { controllers: [refusing.url, other.url] } });
    expect(await driver.perform(setProperty)).toMatchObject({ kind: 'refused', reason: '-4611686018373647387' });
    expect(other.asked).toEqual([]);
  });

  test('none answers: every reason is told', async () => {
    const urls = [await deadUrl(), await deadUrl()];
    const outcome = await open({ linstor: { controllers: urls } }).perform(setProperty);
    expect(outcome).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
    for (const url of urls) expect(outcome).toHaveProperty('message', expect.stringContaining(url));
  });

  test('silence ends at the time limit', async () => {
    const silent = await controller(() => {});
    const driver = open({ linstor: { controllers: [silent.url] }, timeouts: { linstorMs: 150 } });
    expect(await driver.perform(setProperty)).toMatchObject({ kind: 'unknown', reason: 'timeout' });
  });

  test('an address that is none is told', async () => {
    const outcome = await open({ linstor: { controllers: ['ftp://lin'] } }).perform(getResources);
    expect(outcome).toMatchObject({
      kind: 'unknown',
      message: expect.stringContaining('"ftp://lin" is not the address'),
    });
  });
});

describe('TLS and authentication', () => {
  const echo: RequestListener = (request, response) =>
    answerJson(response, 200, { authorization: request.headers.authorization ?? null });

  async function files() {
    const into = await folder();
    const named = {
      ca: authority.certificate,
      crt: clientIdentity.certificate,
      key: clientIdentity.key,
      token: 'tok\n',
      pw: 'p:w\n',
    };
    await Promise.all(Object.entries(named).map(([name, text]) => writeFile(join(into, name), text)));
    return (name: keyof typeof named): string => join(into, name);
  }

  test('own authority and client certificate, user name and password', async () => {
    const tls = {
      ...serverSide(serverIdentity),
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    };
    const { port } = await serve(echo, tls);
    const file = await files();
    const driver = open({
      linstor: {
        controllers: [`https://127.0.0.1:${port}`],
        caFile: file('ca'),
        certificateFile: file('crt'),
        keyFile: file('key'),
        username: 'admin',
        passwordFile: file('pw'),
      },
    });
    const basic = `Basic ${Buffer.from('admin:p:w').toString('base64')}`;
    expect(await driver.perform(getResources)).toMatchObject({ kind: 'applied', body: { authorization: basic } });
  });

  test('bearer token', async () => {
    const { url } = await controller(echo);
    const file = await files();
    const driver = open({ linstor: { controllers: [url], tokenFile: file('token') } });
    expect(await driver.perform(getResources)).toMatchObject({ body: { authorization: 'Bearer tok' } });
  });

  test('a controller whose authority is not trusted gets no request', async () => {
    const { port } = await serve(echo, serverSide(serverIdentity));
    const driver = open({ linstor: { controllers: [`https://127.0.0.1:${port}`] } });
    expect(await driver.perform(setProperty)).toMatchObject({
      kind: 'unknown',
      reason: 'unreachable',
      message: expect.stringContaining('not signed by a CA that is trusted here'),
    });
  });
});

describe('without configured controllers', () => {
  const proxied = '/api/v1/namespaces/piraeus-datastore/services/linstor-controller:3370/proxy';
  const notFound = { kind: 'Status', apiVersion: 'v1', reason: 'NotFound', message: 'not found', code: 404 };

  /** A site whose API knows the given paths; `site` for a driver. */
  async function site(name: string, role: 'primary' | 'dr' | 'quorum', objects: Readonly<Record<string, object>>) {
    const asked: string[] = [];
    const { port, server } = await serve((request, response) => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      asked.push(`${request.method} ${path}`);
      const found = objects[path];
      answerJson(response, found === undefined ? 404 : 200, found ?? notFound);
    });
    const kubeconfigPath = await writeKubeconfig({ server: `http://127.0.0.1:${port}` });
    return { name, role, kubeconfigPath, asked, server };
  }

  const clusters = (url: string) => ({ items: [{ spec: {} }, { spec: { externalController: { url } } }] });
  const csi = (value: string) => ({
    spec: {
      template: {
        spec: {
          containers: [{ name: 'csi-provisioner' }, { name: 'linstor-csi', env: [{ name: 'LS_CONTROLLERS', value }] }],
        },
      },
    },
  });
  const clustersPath = '/apis/piraeus.io/v1/linstorclusters';
  const csiPath = '/apis/apps/v1/namespaces/piraeus-datastore/deployments/linstor-csi-controller';

  test('the external controller of a LinstorCluster comes first', async () => {
    const external = await controller();
    const other = await controller();
    const sites = [
      await site('one', 'primary', { [csiPath]: csi(other.url) }),
      await site('two', 'dr', { [clustersPath]: clusters(external.url) }),
    ];
    const driver = open({ sites });
    expect(await driver.perform(getResources)).toMatchObject({ kind: 'applied' });
    expect(await driver.locateLinstor()).toEqual({
      kind: 'found',
      place: { kind: 'controllers', urls: [external.url], foundBy: 'linstor-cluster', site: 'two' },
    });
  });

  test('then LS_CONTROLLERS of the CSI controller', async () => {
    const { url } = await controller();
    const driver = open({
      sites: [await site('one', 'primary', { [clustersPath]: { items: [] }, [csiPath]: csi(url) })],
    });
    expect(await driver.locateLinstor()).toMatchObject({
      kind: 'found',
      place: { urls: [url], foundBy: 'csi-environment' },
    });
  });

  test('then the service on the quorum site, through its API; writes go that way too', async () => {
    const quorum = await site('three', 'quorum', {
      [`${proxied}/v1/controller/version`]: { version: '1.34.0' },
      [`${proxied}/v1/resource-definitions/pvc-1`]: [{ ret_code: 20447233, message: 'set' }],
    });
    // The address that CSI uses only means something inside the cluster.
    const primary = await site('one', 'primary', { [csiPath]: csi(await deadUrl()) });
    const driver = open({ sites: [primary, quorum] });
    expect(await driver.locateLinstor()).toMatchObject({
      kind: 'found',
      place: { kind: 'service-proxy', site: 'three' },
    });
    expect(await driver.perform(setProperty)).toMatchObject({ kind: 'applied', body: [{ ret_code: '20447233' }] });
    expect(quorum.asked.at(-1)).toBe(`PUT ${proxied}/v1/resource-definitions/pvc-1`);
  });

  test('nowhere: every way is told with its reason, and nothing was sent', async () => {
    const dead = await site('two', 'dr', {});
    await new Promise((resolve) => dead.server.close(resolve));
    const driver = open({ sites: [await site('one', 'primary', {}), dead] });
    const discovery = await driver.locateLinstor();
    expect(discovery).toMatchObject({
      kind: 'not-found',
      reasons: [
        'LinstorCluster on one: not found',
        expect.stringContaining('LinstorCluster on two: Site "two" cannot be reached'),
        'Deployment piraeus-datastore/linstor-csi-controller on one: not found',
        expect.stringContaining('on two: Site "two" cannot be reached'),
        expect.stringContaining('Service piraeus-datastore/linstor-controller on one: LINSTOR through'),
        expect.stringContaining('Service piraeus-datastore/linstor-controller on two: LINSTOR through'),
      ],
    });
    expect(await driver.perform(setProperty)).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
  });

  test('a place that is lost is looked for again', async () => {
    const first = await controller();
    const second = await controller();
    const objects: Record<string, object> = { [clustersPath]: clusters(first.url) };
    const driver = open({ sites: [await site('one', 'primary', objects)] });
    expect(await driver.perform(getResources)).toMatchObject({ kind: 'applied' });
    first.server.closeAllConnections();
    await new Promise((resolve) => first.server.close(resolve));
    objects[clustersPath] = clusters(second.url);
    expect(await driver.perform(setProperty)).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
    expect(await driver.perform(setProperty)).toMatchObject({ kind: 'applied' });
    expect(second.asked.at(-1)).toBe('PUT /v1/resource-definitions/pvc-1');
  });
});
