import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ResourceType, resources } from '../../../src/model/kube.ts';
import type { KubeRequest } from '../../../src/model/request.ts';
import { type AccountRequest, needsOf, requestsOfAccounts } from '../../deploy/account-requests.ts';
import { controllers, peer, people } from './accounts.ts';
import { type ControlPlane, controlPlaneBinaries, startControlPlane } from './control-plane.ts';
import { withheldFromViewers } from './granted-rights.ts';
import { RoledServer } from './roled-server.ts';

let plane: ControlPlane;
let server: RoledServer;
let asked: readonly AccountRequest[];
beforeAll(async () => {
  // The servers start while the scenarios are played.
  [plane, asked] = await Promise.all([
    startControlPlane(controlPlaneBinaries(), { controllers: ['serviceaccount-controller'], schedules: false }),
    requestsOfAccounts(),
  ]);
  server = await RoledServer.open(plane);
}, 300_000);
afterAll(async () => {
  await server?.close();
  await plane?.stop();
});

const accounts = [...controllers, peer, ...people];
const isWithheld = ({ account, request }: AccountRequest): boolean =>
  account === 'viewer' && needsOf(request).some(({ permission }) => withheldFromViewers.includes(permission));

const named = (verb: 'get' | 'delete', resource: ResourceType): KubeRequest => {
  const place = resource.namespaced ? { namespace: 'default' } : {};
  return { api: 'kube', site: 'cluster1', verb, resource, ...place, name: 'vm-1' };
};
const { virtualMachine, virtualMachineInstance, persistentVolumeClaim, persistentVolume, pod, node } = resources;
const { namespace, lease, secret, storageClass, drbdVolume, customResourceDefinition } = resources;
const binding: ResourceType = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterrolebindings',
  kind: 'ClusterRoleBinding',
  namespaced: false,
};
const volumes = [persistentVolumeClaim, persistentVolume, storageClass, drbdVolume];
const forbidden: readonly KubeRequest[] = [
  ...[virtualMachine, virtualMachineInstance, pod, ...volumes, node, namespace, lease, secret].map((type) =>
    named('delete', type),
  ),
  named('delete', customResourceDefinition),
  named('get', secret),
  { api: 'kube', site: 'cluster1', verb: 'create', resource: pod, namespace: 'default', body: {} },
  { api: 'kube', site: 'cluster1', verb: 'create', resource: binding, body: {} },
];

describe('a real API server with the roles of deploy/controllers', () => {
  test('grants every request of every scenario, to the account that sends it', async () => {
    expect(asked.length).toBeGreaterThan(300);
    expect(await server.refusals(asked.filter((each) => !isWithheld(each)))).toEqual([]);
    const withheld = asked.filter(isWithheld);
    expect(await server.refusals(withheld)).toHaveLength(withheld.length);
  });

  test.each(accounts)('lets %s do nothing that no scenario asks for', async (account) => {
    const needs = asked.filter((each) => each.account === account).flatMap(({ request }) => needsOf(request));
    const isNeeded = (right: { readonly permission: string; readonly name?: string }): boolean =>
      needs.some(({ permission, name }) => permission === right.permission && (right.name ?? name) === name);
    const rights = await server.rightsOf(account);
    expect(rights.length).toBeGreaterThan(20);
    expect(rights.filter((right) => !isNeeded(right))).toEqual([]);
  });

  test('refuses a viewer everything by which an operator changes something', async () => {
    const isRead = ({ permission }: { readonly permission: string }): boolean => /^(get|list|watch) /.test(permission);
    const changes = asked.filter(({ account, request }) => account === 'operator' && !needsOf(request).every(isRead));
    const tried = changes.map(({ request }) => ({ account: 'viewer', request }));
    expect(tried.length).toBeGreaterThan(20);
    expect(await server.refusals(tried)).toHaveLength(tried.length);
  });

  test('refuses what would lose data or open doors, to everybody', async () => {
    const tried = accounts.flatMap((account) => forbidden.map((request) => ({ account, request })));
    expect(await server.refusals(tried)).toHaveLength(tried.length);
  });

  test('refuses, once a rule is missing, what it was for, and this is noticed', async () => {
    await server.removeRules('site-recovery-drbd-operator-orders');
    const refused = (): Promise<readonly string[]> => server.refusals(asked.filter((each) => !isWithheld(each)));
    await expect
      .poll(refused)
      .toEqual([
        'failover-controller: create drbdoperations.drbd.io',
        'failover-controller: list drbdvolumes.drbd.io',
        'site-recovery-peer: create drbdoperations.drbd.io',
      ]);
  });
});
