import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { describeCommands } from './commands.ts';
import type { DriverUnderTest } from './driver-under-test.ts';
import type { KubeRequest, Outcome } from '../../src/model/request.ts';

type Request = Omit<KubeRequest, 'api' | 'site' | 'resource'> & Partial<KubeRequest>;

/** What everything above a driver counts on. Each driver runs this same body. */
export function describeDriver(name: string, open: () => Promise<DriverUnderTest>): void {
  describe(`${name} driver`, () => {
    let driver: DriverUnderTest;
    let count = 0;
    beforeAll(async () => {
      driver = await open();
    });
    afterAll(() => driver.close());

    const perform = (request: Request): Promise<Outcome> =>
      driver.perform({
        api: 'kube',
        site: 'cluster1',
        resource: resources.configMap,
        namespace: 'default',
        ...request,
      });
    const configMap = (name: string, more: JsonObject = {}): JsonObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default' },
      data: { a: '1', b: '2' },
      ...more,
    });
    /** A ConfigMap of its own for each test, as the server made it. */
    const created = async () => {
      count += 1;
      const outcome = await perform({ verb: 'create', body: configMap(`c${count}`) });
      if (outcome.kind !== 'applied') throw new Error(`could not be created: ${outcome.message}`);
      return {
        name: `c${count}`,
        version: versionOf(outcome) ?? '',
        uid: textAt(outcome.body, 'metadata', 'uid') ?? '',
      };
    };

    test('create answers with the object as stored', async () => {
      const outcome = await perform({ verb: 'create', body: configMap('first') });
      expect(outcome).toMatchObject({
        kind: 'applied',
        status: 201,
        body: { metadata: { name: 'first' }, data: { a: '1' } },
      });
      expect(versionOf(outcome)).toMatch(/^\d+$/);
    });

    test('create of what exists is refused as AlreadyExists', async () => {
      const { name } = await created();
      const outcome = await perform({ verb: 'create', body: configMap(name) });
      expect(outcome).toMatchObject({ kind: 'refused', status: 409, reason: 'AlreadyExists' });
    });

    test('get of an absent object is refused as NotFound and names the object', async () => {
      const outcome = await perform({ verb: 'get', name: 'absent' });
      expect(outcome).toMatchObject({ kind: 'refused', status: 404, reason: 'NotFound' });
      expect(outcome).toHaveProperty('body.details.name', 'absent');
    });

    test('a type that is not served is refused with 404 and names no object', async () => {
      const resource = { ...resources.failover, group: 'nobody.example' };
      const outcome = await perform({ verb: 'get', resource, name: 'absent' });
      expect(outcome).toMatchObject({ kind: 'refused', status: 404 });
      expect(outcome).not.toHaveProperty('body.details.name');
    });

    test('list answers with the objects that the selector matches, and a version to watch from', async () => {
      const labels = { contract: 'list' };
      await perform({ verb: 'create', body: configMap('listed', { metadata: { name: 'listed', labels } }) });
      const outcome = await perform({ verb: 'list', options: { labelSelector: 'contract=list' } });
      expect(outcome).toMatchObject({ kind: 'applied', body: { items: [{ metadata: { name: 'listed' } }] } });
      expect(versionOf(outcome)).toMatch(/^\d+$/);
    });

    test('update with the present version is applied, with a moved one refused as Conflict', async () => {
      const { name, version } = await created();
      const update = {
        verb: 'update',
        name,
        body: configMap(name, { metadata: { name, resourceVersion: version }, data: { a: '9' } }),
      } as const;
      expect(await perform(update)).toMatchObject({ kind: 'applied', body: { data: { a: '9' } } });
      expect(await perform(update)).toMatchObject({ kind: 'refused', status: 409, reason: 'Conflict' });
    });

    test('merge patch: null removes, the rest stays; a moved version is a Conflict', async () => {
      const { name, version } = await created();
      const body = { metadata: { resourceVersion: version }, data: { a: null, c: '3' } };
      const patched = await perform({ verb: 'patch', patch: 'merge', name, body });
      expect(patched).toMatchObject({ kind: 'applied', status: 200 });
      expect(patched).toHaveProperty('body.data', { b: '2', c: '3' });
      expect(await perform({ verb: 'patch', patch: 'merge', name, body })).toMatchObject({
        kind: 'refused',
        reason: 'Conflict',
      });
    });

    test('JSON patch: a test that fails refuses the whole patch', async () => {
      const { name } = await created();
      const patch = (expected: string) =>
        perform({
          verb: 'patch',
          patch: 'json',
          name,
          body: [
            { op: 'test', path: '/data/a', value: expected },
            { op: 'remove', path: '/data/b' },
          ],
        });
      expect(await patch('another')).toMatchObject({ kind: 'refused' });
      expect(await perform({ verb: 'get', name })).toHaveProperty('body.data', { a: '1', b: '2' });
      expect(await patch('1')).toHaveProperty('body.data', { a: '1' });
    });

    test('strategic merge patch merges lists that have merge keys', async () => {
      const { name } = await created();
      const add = (finalizer: string) =>
        perform({ verb: 'patch', patch: 'strategic', name, body: { metadata: { finalizers: [finalizer] } } });
      await add('contract.example/one');
      const outcome = await add('contract.example/two');
      const finalizers = ['contract.example/one', 'contract.example/two'];
      expect(outcome).toHaveProperty('body.metadata.finalizers', expect.arrayContaining(finalizers));
      await perform({ verb: 'patch', patch: 'merge', name, body: { metadata: { finalizers: null } } });
    });

    test('server-side apply creates, keeps what others own, and is refused where they disagree unless forced', async () => {
      const apply = (fieldManager: string, a: string, force = false) =>
        perform({
          verb: 'patch',
          patch: 'apply',
          name: 'applied',
          body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data: { a } },
          options: { fieldManager, force },
        });
      expect(await apply('one', '1')).toMatchObject({ kind: 'applied', status: 201 });
      expect(await apply('two', '2')).toMatchObject({ kind: 'refused', status: 409, reason: 'Conflict' });
      expect(await apply('two', '2', true)).toMatchObject({ kind: 'applied', body: { data: { a: '2' } } });
    });

    test('an object that the schema does not allow is refused as Invalid or BadRequest', async () => {
      const outcome = await perform({ verb: 'create', body: configMap('Not A Name') });
      expect(outcome).toMatchObject({ kind: 'refused', status: 422, reason: 'Invalid' });
    });

    test('delete keeps to its preconditions', async () => {
      const { name, uid } = await created();
      const remove = (of: string) => perform({ verb: 'delete', name, options: { preconditions: { uid: of } } });
      expect(await remove('another')).toMatchObject({ kind: 'refused', status: 409, reason: 'Conflict' });
      expect(await remove(uid)).toMatchObject({ kind: 'applied' });
      expect(await perform({ verb: 'get', name })).toMatchObject({ kind: 'refused', reason: 'NotFound' });
    });

    test('a dry run says what would be and changes nothing', async () => {
      const options = { dryRun: true };
      expect(await perform({ verb: 'create', body: configMap('dry'), options })).toMatchObject({
        kind: 'applied',
        status: 201,
      });
      expect(await perform({ verb: 'get', name: 'dry' })).toMatchObject({ kind: 'refused', status: 404 });
      const { name } = await created();
      expect(await perform({ verb: 'delete', name, options })).toMatchObject({ kind: 'applied' });
      expect(await perform({ verb: 'get', name })).toMatchObject({ kind: 'applied' });
    });

    test('a site that hangs leaves a write open, and serves again afterwards', async () => {
      const { name } = await created();
      await driver.setReachability('hang');
      const outcome = await perform({ verb: 'delete', name });
      await driver.setReachability('open');
      expect(outcome).toMatchObject({ kind: 'unknown' });
      expect(await perform({ verb: 'list' })).toMatchObject({ kind: 'applied' });
    });

    test('a site that refuses connections is unreachable: nothing was done', async () => {
      const { name } = await created();
      await driver.setReachability('refuse');
      const outcome = await perform({ verb: 'delete', name });
      await driver.setReachability('open');
      expect(outcome).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
      expect(await perform({ verb: 'get', name })).toMatchObject({ kind: 'applied' });
    });

    describeCommands(() => driver);
  });
}

function versionOf(outcome: Outcome): string | undefined {
  return outcome.kind === 'applied' ? textAt(outcome.body, 'metadata', 'resourceVersion') : undefined;
}
