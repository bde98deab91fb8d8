import { beforeEach, describe, expect, test } from 'vitest';
import { ApiServer } from '../../src/drivers/sim/api-server/api-server.ts';
import { Randomness } from '../../src/drivers/sim/random.ts';
import { at, type JsonObject, textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { crds } from './crd-documents.ts';

// The same manifests, patches and answers were tried on kube-apiserver 1.36.3.
let server: ApiServer;

beforeEach(() => {
  const random = new Randomness(1).stream('api-server');
  server = new ApiServer({
    cluster: 'cluster1',
    kubernetesVersion: 'v1.30.6',
    wallNow: () => 1_767_225_600_000,
    random,
  });
  for (const crd of crds) {
    const answer = server.request({
      verb: 'create',
      resource: resources.customResourceDefinition,
      body: { ...crd } as JsonObject,
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  }
});

describe('a ProtectionGroup', () => {
  const create = (name: string, spec: JsonObject) =>
    server.request({
      verb: 'create',
      resource: resources.protectionGroup,
      namespace: 'default',
      body: { apiVersion: 'siterecovery.trilio.io/v1alpha1', kind: 'ProtectionGroup', metadata: { name }, spec },
    });
  const patch = (body: JsonObject) =>
    server.request({
      verb: 'patch',
      resource: resources.protectionGroup,
      namespace: 'default',
      name: 'production-pg',
      patch: 'merge',
      body,
    });
  const virtualMachines = [{ name: 'prod-vm-1' }, { name: 'prod-vm-2' }];

  test('gets the documented defaults', () => {
    const { status, body } = create('production-pg', { virtualMachines });
    expect(status).toBe(201);
    expect(at(body, 'spec')).toEqual({ desiredState: 'running', epoch: 0, virtualMachines });
    expect(at(body, 'status')).toEqual({ currentState: 'unknown' });
  });

  test('names a VM once', () => {
    const { status, body } = create('production-pg', { virtualMachines: [{ name: 'a' }, { name: 'a' }] });
    expect([status, textAt(body, 'message')]).toEqual([
      422,
      expect.stringContaining('spec.virtualMachines[1]: Duplicate value'),
    ]);
  });

  test('has a name short enough for the names of its operations', () => {
    expect(create('a'.repeat(52), { virtualMachines }).status).toBe(201);
    expect(create('a'.repeat(53), { virtualMachines }).status).toBe(422);
    expect(create('a.b', { virtualMachines }).status).toBe(422);
  });

  test('has an epoch that only grows', () => {
    create('production-pg', { virtualMachines, epoch: 3 });
    expect(patch({ spec: { epoch: 4 } }).status).toBe(200);
    const { status, body } = patch({ spec: { epoch: 3 } });
    expect([status, textAt(body, 'message')]).toEqual([422, expect.stringContaining('the epoch only grows')]);
    expect(patch({ spec: { epoch: null } }).status).toBe(422);
  });
});

describe('a Failover', () => {
  const spec = { protectionGroup: 'production-pg', sourceCluster: 'cluster1', targetCluster: 'cluster2' };
  const create = (more: JsonObject = {}) =>
    server.request({
      verb: 'create',
      resource: resources.failover,
      namespace: 'default',
      body: {
        apiVersion: 'siterecovery.trilio.io/v1alpha1',
        kind: 'Failover',
        metadata: { name: 'production-pg-1' },
        spec: { ...spec, ...more },
      },
    });
  const patch = (body: JsonObject, subresource?: string) =>
    server.request({
      verb: 'patch',
      resource: resources.failover,
      namespace: 'default',
      name: 'production-pg-1',
      patch: 'merge',
      body,
      ...(subresource === undefined ? {} : { subresource }),
    });

  test('gets the documented defaults', () => {
    const { body } = create();
    const timeouts = { failoverSeconds: 300, vmStartSeconds: 120, drbdWaitSeconds: 30, taintRemovalWindowSeconds: 30 };
    expect(at(body, 'spec')).toEqual({ ...spec, mode: 'Planned', rollback: true, cancel: false, timeouts });
    expect(at(body, 'status')).toEqual({ phase: 'Pending' });
  });

  test('leads from one cluster to another', () => {
    expect(create({ targetCluster: 'cluster1' }).status).toBe(422);
  });

  test.each([
    ['another target', { targetCluster: 'cluster3' }],
    ['another mode', { mode: 'Unplanned' }],
    ['another bound', { timeouts: { drbdWaitSeconds: 5 } }],
    ['another author', { requestedBy: { user: 'somebody' } }],
  ])('does not take %s after creation', (_, change) => {
    create();
    expect(patch({ spec: change }).status).toBe(422);
  });

  test('takes a cancel, and does not take it back', () => {
    create();
    expect(patch({ spec: { cancel: true } }).status).toBe(200);
    expect(patch({ spec: { cancel: false } }).status).toBe(422);
  });

  test('takes further consents, and keeps those that were given', () => {
    const [first, second] = [
      { kind: 'DataLoss', statement: 'up to 12 KiB of prod-vm-1' },
      { kind: 'ForcePromote', statement: 'volume-1 without quorum' },
    ];
    create({ consents: [first] });
    expect(patch({ spec: { consents: [first, second] } }).status).toBe(200);
    expect(patch({ spec: { consents: [second] } }).status).toBe(422);
    expect(patch({ spec: { consents: null } }).status).toBe(422);
  });

  test('keeps whatever its machine record holds', () => {
    create();
    const record = { version: 1, value: { running: 'stopSource' }, deadlines: [{ at: 5 }] };
    expect(at(patch({ status: { phase: 'Running', epoch: 2, record } }, 'status').body, 'status', 'record')).toEqual(
      record,
    );
    expect(patch({ status: { record: { version: null } } }, 'status').status).toBe(422);
  });

  test('keeps its verdict', () => {
    create();
    expect(patch({ status: { phase: 'NeedsAttention' } }, 'status').status).toBe(200);
    expect(patch({ status: { phase: 'Succeeded' } }, 'status').status).toBe(200);
    expect(patch({ status: { phase: 'Running' } }, 'status').status).toBe(422);
  });
});

describe('a Recovery', () => {
  const order = { protectionGroup: 'production-pg', driverCluster: 'cluster2', otherCluster: 'cluster1' };
  const create = (spec: JsonObject) =>
    server.request({
      verb: 'create',
      resource: resources.recovery,
      namespace: 'default',
      body: {
        apiVersion: 'siterecovery.trilio.io/v1alpha1',
        kind: 'Recovery',
        metadata: { name: 'production-pg-1' },
        spec: { ...order, ...spec },
      },
    });
  const patch = (body: JsonObject, subresource?: 'status') =>
    server.request({
      verb: 'patch',
      resource: resources.recovery,
      namespace: 'default',
      name: 'production-pg-1',
      patch: 'merge',
      body,
      ...(subresource === undefined ? {} : { subresource }),
    });
  const resolve = { action: 'Resolve', survivorCluster: 'cluster1' };

  test('names a survivor that the group has when it resolves, and none when it verifies', () => {
    expect(create({ action: 'Resolve' }).status).toBe(422);
    expect(create({ action: 'Resolve', survivorCluster: 'cluster9' }).status).toBe(422);
    expect(create({ action: 'Verify', survivorCluster: 'cluster1' }).status).toBe(422);
    expect(create(resolve).status).toBe(201);
  });

  test.each([
    { survivorCluster: 'cluster2' },
    { survivorCluster: null },
    { action: 'Verify' },
    { driverCluster: 'cluster3' },
  ])('keeps its order: %j', (change) => {
    create(resolve);
    expect(patch({ spec: change }).status).toBe(422);
  });

  test('keeps the consents that were given, and its verdict', () => {
    const consents = [{ kind: 'Discard', statement: 'what cluster2 has written' }];
    create({ ...resolve, consents });
    expect(patch({ spec: { consents: [] } }).status).toBe(422);
    expect(patch({ status: { phase: 'Succeeded', epoch: 3 } }, 'status').status).toBe(200);
    expect(patch({ status: { phase: 'Running' } }, 'status').status).toBe(422);
    expect(patch({ status: { epoch: 2 } }, 'status').status).toBe(422);
  });
});
