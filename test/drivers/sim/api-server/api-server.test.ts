import { describe, expect, test } from 'vitest';
import { objectAt, textAt } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import { admin, create, openServer, openWidgetServer, patch, refusal, remove, widget } from './server-under-test.ts';

const { configMap, lease, pod, secret } = resources;

describe('a created object', () => {
  test('gets uid, version, time and generation, and is answered with 201', () => {
    const { server } = openWidgetServer();
    const stored = server.get(widget, 'default', 'w');
    expect(stored?.metadata).toMatchObject({
      name: 'w',
      namespace: 'default',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    });
    expect(stored?.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(stored?.metadata.resourceVersion).toBe(String(server.version));
  });

  test('with generateName gets a name of its own', () => {
    const { server } = openServer();
    const answers = [1, 2, 3].map(() => create(server, configMap, 'metadata: { generateName: cm- }'));
    const names = answers.map(({ body }) => textAt(body, 'metadata', 'name'));
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^cm-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test.each([
    [
      'exists already',
      'metadata: { name: w }\nspec: { size: 1 }',
      409,
      'AlreadyExists',
      'widgets.example.com "w" already exists',
    ],
    [
      'carries a resourceVersion',
      'metadata: { name: x, resourceVersion: "1" }\nspec: { size: 1 }',
      500,
      undefined,
      'resourceVersion should not be set on objects to be created',
    ],
    [
      'has no name',
      'spec: { size: 1 }',
      422,
      'Invalid',
      'Widget.example.com "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    [
      'names another kind',
      'apiVersion: example.com/v1\nkind: Gadget\nmetadata: { name: x }',
      422,
      'Invalid',
      'Gadget.example.com "x" is invalid: kind: Invalid value: "Gadget": must be Widget',
    ],
    [
      'is in no namespace that exists',
      'metadata: { name: x, namespace: nowhere }\nspec: { size: 1 }',
      404,
      'NotFound',
      'namespaces "nowhere" not found',
    ],
  ])('is refused when it %s', (_title, yaml, status, reason, message) => {
    const found = refusal(create(openWidgetServer().server, widget, yaml));
    expect(found).toMatchObject({
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    });
  });

  test('has its Secret texts encoded and its Pod defaults filled in', () => {
    const { server } = openServer();
    create(server, secret, 'metadata: { name: s }\nstringData: { word: häh }');
    expect(server.get(secret, 'default', 's')).toMatchObject({ type: 'Opaque', data: { word: 'aMOkaA==' } });
    create(server, pod, 'metadata: { name: p }\nspec: { containers: [{ name: c, image: i }] }');
    expect(server.get(pod, 'default', 'p')).toMatchObject({
      spec: { restartPolicy: 'Always', terminationGracePeriodSeconds: 30, serviceAccountName: 'default' },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    });
  });
});

describe('an update', () => {
  test('counts the generation for the desired state only, and makes no version when nothing changes', () => {
    const { server } = openWidgetServer();
    patch(server, widget, 'w', 'merge', { metadata: { labels: { a: 'b' } } });
    patch(server, widget, 'w', 'merge', { status: { phase: 'ignored here' } });
    expect(server.get(widget, 'default', 'w')).toMatchObject({ metadata: { generation: 1 } });
    expect(server.get(widget, 'default', 'w')?.status).toBeUndefined();
    const before = server.version;
    patch(server, widget, 'w', 'merge', { spec: { size: 3 } });
    expect(server.version).toBe(before);
    patch(server, widget, 'w', 'merge', { spec: { size: 4 } });
    expect(server.get(widget, 'default', 'w')?.metadata.generation).toBe(2);
  });

  test('of the status subresource changes the status and nothing else', () => {
    const { server } = openWidgetServer();
    const body = { metadata: { labels: { a: 'b' } }, spec: { size: 9 }, status: { phase: 'Ready' } };
    expect(patch(server, widget, 'w', 'merge', body, { subresource: 'status' }).status).toBe(200);
    const stored = server.get(widget, 'default', 'w');
    expect(stored).toMatchObject({ spec: { size: 3 }, status: { phase: 'Ready' }, metadata: { generation: 1 } });
    expect(stored?.metadata.labels).toBeUndefined();
  });

  test('with a version that has moved is a conflict, in words that clients know', () => {
    const { server } = openWidgetServer();
    const stale = server.get(widget, 'default', 'w');
    patch(server, widget, 'w', 'merge', { spec: { size: 4 } });
    const body = JSON.parse(JSON.stringify(stale));
    const answer = server.request({ verb: 'update', resource: widget, namespace: 'default', name: 'w', body }, admin);
    expect(refusal(answer)).toEqual({
      status: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on widgets.example.com "w": the object has been modified; please apply your changes to the latest version and try again',
    });
    expect(objectAt(answer.body, 'details')).toEqual({ name: 'w', group: 'example.com', kind: 'widgets' });
  });

  test('of a custom resource needs a version, of a ConfigMap not', () => {
    const { server } = openWidgetServer();
    create(server, configMap, 'metadata: { name: c }');
    const request = { verb: 'update', namespace: 'default' } as const;
    const widgetBody = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { size: 1 } };
    expect(refusal(server.request({ ...request, resource: widget, name: 'w', body: widgetBody }, admin))).toMatchObject(
      {
        status: 422,
        message:
          'widgets.example.com "w" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
      },
    );
    const body = { metadata: { name: 'c' }, data: { a: '1' } };
    expect(server.request({ ...request, resource: configMap, name: 'c', body }, admin).status).toBe(200);
  });

  test('cannot touch what the server sets', () => {
    const { server } = openWidgetServer();
    const before = server.get(widget, 'default', 'w')?.metadata;
    patch(server, widget, 'w', 'merge', { metadata: { creationTimestamp: '2000-01-01T00:00:00Z', generation: 77 } });
    expect(server.get(widget, 'default', 'w')?.metadata).toEqual(before);
    expect(refusal(patch(server, widget, 'w', 'merge', { metadata: { uid: 'other' } }))).toMatchObject({ status: 422 });
  });

  test('of a Lease creates it where it is missing', () => {
    const { server } = openServer();
    const body = { metadata: { name: 'l' }, spec: { holderIdentity: 'me' } };
    expect(
      server.request({ verb: 'update', resource: lease, namespace: 'default', name: 'l', body }, admin).status,
    ).toBe(201);
  });

  test('with dry run answers what would be, and writes nothing', () => {
    const { server } = openWidgetServer();
    const before = server.version;
    const answer = patch(server, widget, 'w', 'merge', { spec: { size: 7 } }, { options: { dryRun: true } });
    expect(objectAt(answer.body, 'spec')).toMatchObject({ size: 7 });
    create(server, widget, 'metadata: { name: dry }\nspec: { size: 1 }', { dryRun: true });
    remove(server, widget, 'w', { dryRun: true });
    expect(server.version).toBe(before);
  });
});

describe('refusals of patches', () => {
  test.each([
    [
      'a failed test',
      'json',
      [{ op: 'test', path: '/spec/size', value: 99 }],
      422,
      'Invalid',
      'the server rejected our request due to an error in our request',
    ],
    [
      'a strategic patch of a custom resource',
      'strategic',
      { spec: { size: 1 } },
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    ],
    ['a stale version', 'merge', { metadata: { resourceVersion: '1' } }, 409, 'Conflict', undefined],
  ] as const)('%s', (_title, kind, body, status, reason, message) => {
    const found = refusal(patch(openWidgetServer().server, widget, 'w', kind, body));
    expect(found).toMatchObject({ status, reason, ...(message === undefined ? {} : { message }) });
  });

  test('what is missing is named with its group', () => {
    const { server } = openWidgetServer();
    expect(refusal(patch(server, widget, 'x', 'merge', {}))).toEqual({
      status: 404,
      reason: 'NotFound',
      message: 'widgets.example.com "x" not found',
    });
    expect(refusal(patch(server, configMap, 'x', 'merge', {})).message).toBe('configmaps "x" not found');
  });

  test('what nobody serves is plain text', () => {
    const { server } = openServer();
    expect(server.request({ verb: 'list', resource: widget }, admin)).toEqual({
      status: 404,
      body: '404 page not found\n',
    });
  });
});

describe('a delete', () => {
  test('waits for finalizers, and the last one takes the object along', () => {
    const { server, clock } = openWidgetServer();
    patch(server, widget, 'w', 'merge', { metadata: { finalizers: ['example.com/hold'] } });
    clock.now += 5000;
    expect(remove(server, widget, 'w').status).toBe(200);
    expect(server.get(widget, 'default', 'w')?.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:05Z',
      deletionGracePeriodSeconds: 0,
      generation: 2,
    });
    patch(server, widget, 'w', 'merge', { metadata: { finalizers: null } });
    expect(server.get(widget, 'default', 'w')).toBeUndefined();
  });

  test('of a custom resource answers a Status, of a pod the pod', () => {
    const { server } = openWidgetServer();
    expect(remove(server, widget, 'w').body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'w', group: 'example.com', kind: 'widgets' },
    });
    create(server, pod, 'metadata: { name: p }\nspec: { containers: [{ name: c, image: i }] }');
    expect(remove(server, pod, 'p').body).toMatchObject({ kind: 'Pod' });
    expect(server.get(pod, 'default', 'p')).toBeUndefined();
  });

  test('gives a pod on a node its grace period, which only gets shorter', () => {
    const { server } = openServer();
    create(
      server,
      pod,
      'metadata: { name: p }\nspec: { nodeName: n, terminationGracePeriodSeconds: 60, containers: [{ name: c, image: i }] }',
    );
    const grace = () => server.get(pod, 'default', 'p')?.metadata.deletionGracePeriodSeconds;
    remove(server, pod, 'p');
    expect(server.get(pod, 'default', 'p')?.metadata.deletionTimestamp).toBe('2026-01-01T00:01:00Z');
    remove(server, pod, 'p', { gracePeriodSeconds: 90 });
    expect(grace()).toBe(60);
    remove(server, pod, 'p', { gracePeriodSeconds: 10 });
    expect(grace()).toBe(10);
    remove(server, pod, 'p', { gracePeriodSeconds: 0 });
    expect(grace()).toBeUndefined();
  });

  test('with a precondition spares the object that came later', () => {
    const { server } = openWidgetServer();
    const uid = server.get(widget, 'default', 'w')?.metadata.uid;
    expect(refusal(remove(server, widget, 'w', { preconditions: { uid: 'other' } }))).toEqual({
      status: 409,
      reason: 'Conflict',
      message: `Operation cannot be fulfilled on Widget.example.com "w": the UID in the precondition (other) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    });
  });

  test('of a collection removes what is selected', () => {
    const { server } = openServer();
    for (const name of ['a', 'b', 'c'])
      create(server, configMap, `metadata: { name: ${name}, labels: { keep: "${name === 'b'}" } }`);
    server.request(
      { verb: 'delete', resource: configMap, namespace: 'default', options: { labelSelector: 'keep=false' } },
      admin,
    );
    expect(server.list(configMap, 'default').map(({ metadata }) => metadata.name)).toEqual(['b']);
  });
});
