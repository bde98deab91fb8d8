import { expect, test } from 'vitest';
import { World } from '../../src/drivers/sim/world.ts';
import { resources } from '../../src/model/kube.ts';
import type { ApiRequest, Outcome } from '../../src/model/request.ts';
import { HostSet } from '../../src/twin/hosts.ts';

function worldWithHosts() {
  const world = new World({ seed: 1, epoch: 0, speed: 1, kubernetesVersion: 'v1.30.6', clusters: ['cluster1'] });
  return { world, hosts: new HostSet(world), api: world.cluster('cluster1').api };
}

const create: ApiRequest = {
  api: 'kube',
  site: 'cluster1',
  verb: 'create',
  resource: resources.namespace,
  body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod' } },
};

/** A host that sends one request when it wakes, and keeps what it hears. */
function oneRequestHost(hosts: HostSet, id: string, request: ApiRequest | undefined) {
  const heard: Outcome[] = [];
  const host = {
    id,
    end: undefined,
    record: { machine: 'one-request', version: 1, state: 'waiting', context: {} },
    heard,
    wake: () => (request === undefined ? undefined : hosts.transportAt('operator').send(id, [request])),
    receive: (outcomes: readonly Outcome[]) => void heard.push(...outcomes),
  };
  hosts.start(host, 'operator');
  return host;
}

test('what a host has sent before it died still arrives', () => {
  const { world, hosts, api } = worldWithHosts();
  const host = oneRequestHost(hosts, 'a', create);
  world.step();
  hosts.remove('a');
  world.runUntil(1000);
  expect(api.get(resources.namespace, '', 'prod')).toBeDefined();
  expect(host.heard).toEqual([]);
});

test('a host does not hear the answers of the one whose place it took', () => {
  const { world, hosts } = worldWithHosts();
  oneRequestHost(hosts, 'a', create);
  world.step();
  hosts.remove('a');
  const second = oneRequestHost(hosts, 'a', undefined);
  world.runUntil(1000);
  expect(second.heard).toEqual([]);
});

test('an answer that a site never gives is unknown after the time that the live driver waits', () => {
  const { world, hosts } = worldWithHosts();
  world.network.startOutage('cluster1', 'hang');
  const host = oneRequestHost(hosts, 'a', create);
  world.runUntil(4_900);
  expect(host.heard).toEqual([]);
  world.runUntil(5_100);
  expect(host.heard).toMatchObject([{ kind: 'unknown', reason: 'timeout' }]);
});
