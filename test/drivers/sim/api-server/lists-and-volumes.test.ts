import { describe, expect, test } from 'vitest';
import { listAt, objectAt, textAt } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import { admin, create, openServer, openWidgetServer, patch, refusal, remove, widget } from './server-under-test.ts';

const { configMap, namespace, persistentVolume, persistentVolumeClaim, pod } = resources;

describe('volumes', () => {
  const claim =
    'metadata: { name: c }\nspec: { accessModes: [ReadWriteMany], resources: { requests: { storage: 1Gi } } }';

  test('a claim keeps its spec, but for a volume name once and a larger request when bound', () => {
    const { server } = openServer();
    create(server, persistentVolumeClaim, claim);
    expect(server.get(persistentVolumeClaim, 'default', 'c')).toMatchObject({
      spec: { volumeMode: 'Filesystem' },
      status: { phase: 'Pending' },
    });
    const refused = refusal(
      patch(server, persistentVolumeClaim, 'c', 'merge', { spec: { accessModes: ['ReadWriteOnce'] } }),
    );
    expect(refused.status).toBe(422);
    expect(refused.message).toContain(
      'PersistentVolumeClaim "c" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
    );
    expect(patch(server, persistentVolumeClaim, 'c', 'merge', { spec: { volumeName: 'v' } }).status).toBe(200);
    expect(patch(server, persistentVolumeClaim, 'c', 'merge', { spec: { volumeName: 'w' } }).status).toBe(422);
    const larger = { spec: { resources: { requests: { storage: '2Gi' } } } };
    expect(patch(server, persistentVolumeClaim, 'c', 'merge', larger).status).toBe(422);
    patch(server, persistentVolumeClaim, 'c', 'merge', { status: { phase: 'Bound' } }, { subresource: 'status' });
    expect(patch(server, persistentVolumeClaim, 'c', 'merge', larger).status).toBe(403);
    const growing = 'metadata: { name: growing }\nprovisioner: p\nallowVolumeExpansion: true';
    create(server, resources.storageClass, growing);
    create(
      server,
      persistentVolumeClaim,
      claim.replace('name: c', 'name: d').replace('spec: {', 'spec: { storageClassName: growing,'),
    );
    patch(server, persistentVolumeClaim, 'd', 'merge', { status: { phase: 'Bound' } }, { subresource: 'status' });
    expect(patch(server, persistentVolumeClaim, 'd', 'merge', larger).status).toBe(200);
  });

  test('a volume keeps its source', () => {
    const { server } = openServer();
    create(
      server,
      persistentVolume,
      'metadata: { name: v }\nspec: { capacity: { storage: 1Gi }, accessModes: [ReadWriteMany], csi: { driver: d, volumeHandle: h } }',
    );
    expect(server.get(persistentVolume, '', 'v')).toMatchObject({ spec: { persistentVolumeReclaimPolicy: 'Retain' } });
    expect(
      refusal(patch(server, persistentVolume, 'v', 'merge', { spec: { csi: { volumeHandle: 'x' } } })),
    ).toMatchObject({ status: 422 });
    expect(
      patch(server, persistentVolume, 'v', 'merge', { spec: { persistentVolumeReclaimPolicy: 'Delete' } }).status,
    ).toBe(200);
  });
});

describe('a list', () => {
  const lists = () => {
    const { server } = openServer();
    for (const name of ['d', 'a', 'c', 'b'])
      create(server, configMap, `metadata: { name: ${name}, labels: { app: ${name < 'c' ? 'x' : 'y'} } }`);
    const list = (options: object) =>
      server.request({ verb: 'list', resource: configMap, namespace: 'default', options }, admin);
    const names = (options: object) =>
      listAt(list(options).body, 'items').map((item) => textAt(item, 'metadata', 'name'));
    return { server, list, names };
  };

  test('is ordered by name, and leaves kind and apiVersion out of built-in items', () => {
    const { list, names } = lists();
    expect(names({})).toEqual(['a', 'b', 'c', 'd']);
    expect(list({}).body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect(objectAt(list({}).body, 'items', 0)['kind']).toBeUndefined();
  });

  test.each([
    ['app=x', ['a', 'b']],
    ['app!=x', ['c', 'd']],
    ['app in (x, z)', ['a', 'b']],
    ['app notin (x)', ['c', 'd']],
    ['!app', []],
    ['app,app==y', ['c', 'd']],
  ])('selects by labels: %s', (labelSelector, expected) => {
    expect(lists().names({ labelSelector })).toEqual(expected);
  });

  test('selects by fields that the type offers and refuses others', () => {
    const { names, list } = lists();
    expect(names({ fieldSelector: 'metadata.name=a' })).toEqual(['a']);
    expect(names({ fieldSelector: 'metadata.name!=a' })).toEqual(['b', 'c', 'd']);
    expect(refusal(list({ fieldSelector: 'spec.x=1' }))).toMatchObject({
      status: 400,
      message: '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    });
  });

  test('comes in pages of one moment, however the objects change in between', () => {
    const { server, list, names } = lists();
    const first = list({ limit: 2 });
    const token = textAt(first.body, 'metadata', 'continue') ?? '';
    expect(objectAt(first.body, 'metadata')).toMatchObject({ remainingItemCount: 2 });
    create(server, configMap, 'metadata: { name: bb }');
    remove(server, configMap, 'c');
    expect(names({ limit: 2, continue: token })).toEqual(['c', 'd']);
    server.compact();
    expect(refusal(list({ limit: 2, continue: token }))).toMatchObject({ status: 410, reason: 'Expired' });
  });
});

test('a namespace is removed with all that is in it', () => {
  const { server } = openServer();
  create(server, namespace, 'metadata: { name: gone }');
  create(server, configMap, 'metadata: { name: c, namespace: gone }');
  create(
    server,
    pod,
    'metadata: { name: p, namespace: gone }\nspec: { nodeName: n, containers: [{ name: c, image: i }] }',
  );
  server.request({ verb: 'delete', resource: namespace, name: 'gone' }, admin);
  expect(server.get(namespace, '', 'gone')?.status).toEqual({ phase: 'Terminating' });
  expect(server.get(configMap, 'gone', 'c')).toBeUndefined();
  expect(refusal(create(server, configMap, 'metadata: { name: late, namespace: gone }'))).toMatchObject({
    status: 403,
    reason: 'Forbidden',
  });
  server.request(
    { verb: 'delete', resource: pod, namespace: 'gone', name: 'p', options: { gracePeriodSeconds: 0 } },
    admin,
  );
  expect(server.get(namespace, '', 'gone')).toBeUndefined();
});

test('a binding puts a pod on a node once', () => {
  const { server } = openServer();
  create(server, pod, 'metadata: { name: p }\nspec: { containers: [{ name: c, image: i }] }');
  const bind = () =>
    server.request({
      verb: 'create',
      resource: pod,
      namespace: 'default',
      name: 'p',
      subresource: 'binding',
      body: { target: { name: 'n' } },
    });
  expect(bind().status).toBe(201);
  expect(server.get(pod, 'default', 'p')).toMatchObject({ spec: { nodeName: 'n' } });
  expect(refusal(bind())).toMatchObject({ status: 409, reason: 'Conflict' });
});

test('a fork and its original go their own ways', () => {
  const { server } = openWidgetServer();
  const copy = server.fork(server.settings);
  patch(copy, widget, 'w', 'merge', { spec: { size: 5 } });
  create(server, widget, 'metadata: { name: only-here }\nspec: { size: 1 }');
  expect(server.get(widget, 'default', 'w')).toMatchObject({ spec: { size: 3 } });
  expect(copy.list(widget)).toHaveLength(1);
});

describe('a version that a read asks for', () => {
  const read = (options: object) => {
    const { server } = openServer();
    create(server, configMap, 'metadata: { name: a }');
    const version = server.version;
    create(server, configMap, 'metadata: { name: b }');
    const answer = (more: object) =>
      server.request(
        { verb: 'list', resource: configMap, namespace: 'default', options: { ...options, ...more } },
        admin,
      );
    return { version, answer };
  };

  test('is shown exactly when the request says so', () => {
    const { version, answer } = read({ resourceVersionMatch: 'Exact' });
    const { body } = answer({ resourceVersion: String(version) });
    expect(listAt(body, 'items').map((item) => textAt(item, 'metadata', 'name'))).toEqual(['a']);
    expect(textAt(body, 'metadata', 'resourceVersion')).toBe(String(version));
  });

  test('from the future is a time-out', () => {
    const { version, answer } = read({});
    expect(refusal(answer({ resourceVersion: '99999' }))).toEqual({
      status: 504,
      reason: 'Timeout',
      message: `Too large resource version: 99999, current: ${version + 1}`,
    });
  });

  test.each([
    [{ resourceVersion: 'x' }, 400],
    [{ resourceVersionMatch: 'Exact' }, 422],
    [{ resourceVersionMatch: 'Exact', resourceVersion: '0' }, 422],
  ])('is refused when it makes no sense: %j', (options, status) => {
    expect(read({}).answer(options).status).toBe(status);
  });
});
