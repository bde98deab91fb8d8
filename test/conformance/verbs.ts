import { expect } from 'vitest';
import { listAt, objectAt, textAt } from '../../src/model/json.ts';
import { configMap, pod } from './config-map.ts';
import { gadget } from './gadget-definition.ts';
import type { Check } from './scene.ts';

/** Create, get, list, replace and delete, and how they are refused. */
export const verbChecks: readonly Check[] = [
  [
    'a created object is answered with what the server adds to it',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('x'));
      expect(made).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } });
      expect(Object.keys(objectAt(made, 'metadata')).sort()).toEqual([
        'creationTimestamp',
        'managedFields',
        'name',
        'namespace',
        'resourceVersion',
        'uid',
      ]);
      expect(textAt(made, 'metadata', 'creationTimestamp')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    },
  ],
  [
    'an object that is read is the one that was created',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('x'));
      expect(await scene.accepted(scene.get('configmaps/x'))).toEqual(made);
    },
  ],
  [
    'an object that does not exist is not found',
    async (scene) => {
      const said = await scene.refused(scene.get('configmaps/x'), 404, 'NotFound', 'configmaps "x" not found');
      expect(said.details).toEqual({ name: 'x', kind: 'configmaps' });
    },
  ],
  [
    'a custom resource that does not exist is not found with its group',
    async (scene) => {
      const text = 'gadgets.conformance.example.com "x" not found';
      const said = await scene.refused(scene.get('gadgets/x'), 404, 'NotFound', text);
      expect(said.details).toEqual({ name: 'x', group: 'conformance.example.com', kind: 'gadgets' });
    },
  ],
  [
    'a name is given once',
    async (scene) => {
      await scene.make('configmaps', configMap('x'));
      await scene.refused(
        scene.post('configmaps', configMap('x')),
        409,
        'AlreadyExists',
        'configmaps "x" already exists',
      );
    },
  ],
  [
    'a name is generated from its beginning',
    async (scene) => {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'x-' } };
      const made = await scene.accepted(scene.post('configmaps', body), 201);
      expect(textAt(made, 'metadata', 'name')).toMatch(/^x-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
      expect(textAt(made, 'metadata', 'generateName')).toBe('x-');
    },
  ],
  [
    'an object needs a name',
    (scene) =>
      scene
        .refused(
          scene.post('configmaps', { apiVersion: 'v1', kind: 'ConfigMap' }),
          422,
          'Invalid',
          'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
        )
        .then(() => undefined),
  ],
  [
    'a name is a subdomain',
    async (scene) => {
      await scene.refused(
        scene.post('configmaps', configMap('X_y')),
        422,
        'Invalid',
        `ConfigMap "X_y" is invalid: metadata.name: Invalid value: "X_y": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
      );
    },
  ],
  [
    'nothing is created in a namespace that does not exist',
    async (scene) => {
      const path = '/api/v1/namespaces/nowhere/configmaps';
      await scene.refused(scene.post(path, configMap('x')), 404, 'NotFound', 'namespaces "nowhere" not found');
    },
  ],
  [
    'the namespace of the body is that of the address',
    async (scene) => {
      const body = configMap('x', {}, { namespace: 'default' });
      await scene.refused(
        scene.post('configmaps', body),
        400,
        'BadRequest',
        'the namespace of the provided object does not match the namespace sent on the request',
      );
    },
  ],
  [
    'the name of the body is that of the address',
    async (scene) => {
      await scene.make('configmaps', configMap('x'));
      await scene.refused(
        scene.put('configmaps/x', configMap('y')),
        400,
        'BadRequest',
        'the name of the object (y) does not match the name on the URL (x)',
      );
    },
  ],
  [
    'the kind of the body is that of the address',
    async (scene) => {
      await scene.refused(
        scene.post('configmaps', { ...configMap('x'), kind: 'Node', data: undefined as never }),
        400,
        'BadRequest',
        'Node in version "v1" cannot be handled as a ConfigMap: converting (v1.Node) to (core.ConfigMap): unknown conversion',
      );
    },
  ],
  [
    'a kind that nobody knows is refused',
    async (scene) => {
      await scene.refused(
        scene.post('configmaps', { ...configMap('x'), kind: 'Nothing' }),
        400,
        'BadRequest',
        'Nothing in version "v1" cannot be handled as a ConfigMap: no kind "Nothing" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
      );
    },
  ],
  [
    'the version of the body is that of the address',
    async (scene) => {
      await scene.refused(
        scene.post('configmaps', { ...configMap('x'), apiVersion: 'v2' }),
        400,
        'BadRequest',
        'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/runtime/scheme.go:111"',
      );
    },
  ],
  [
    'a body that is no JSON is refused',
    async (scene) => {
      const { status, body } = await scene.post('configmaps', '{"kind":');
      expect([status, textAt(body, 'reason')]).toEqual([400, 'BadRequest']);
      expect(textAt(body, 'message')).toMatch(
        /^the object provided is unrecognized \(must be of type ConfigMap\): couldn't get version\/kind; json parse error: /,
      );
    },
  ],
  [
    'a replaced object keeps its identity and has a new version',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('x'));
      const now = await scene.accepted(scene.put('configmaps/x', configMap('x', { b: '2' })));
      expect(now.data).toEqual({ b: '2' });
      expect(textAt(now, 'metadata', 'uid')).toBe(textAt(made, 'metadata', 'uid'));
      expect(textAt(now, 'metadata', 'creationTimestamp')).toBe(textAt(made, 'metadata', 'creationTimestamp'));
      expect(textAt(now, 'metadata', 'resourceVersion')).not.toBe(textAt(made, 'metadata', 'resourceVersion'));
    },
  ],
  [
    'a replacement that changes nothing keeps the version',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('x'));
      const now = await scene.accepted(scene.put('configmaps/x', configMap('x')));
      expect(textAt(now, 'metadata', 'resourceVersion')).toBe(textAt(made, 'metadata', 'resourceVersion'));
    },
  ],
  [
    'an object that does not exist cannot be replaced',
    async (scene) => {
      await scene.refused(scene.put('configmaps/x', configMap('x')), 404, 'NotFound', 'configmaps "x" not found');
    },
  ],
  [
    'a replacement of an older version is a conflict',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('x'));
      await scene.accepted(scene.put('configmaps/x', configMap('x', { b: '2' })));
      await scene.refused(
        scene.put('configmaps/x', made),
        409,
        'Conflict',
        'Operation cannot be fulfilled on configmaps "x": the object has been modified; please apply your changes to the latest version and try again',
      );
    },
  ],
  [
    'a replacement of another incarnation is a conflict',
    async (scene) => {
      await scene.make('configmaps', configMap('x'));
      const uid = '11111111-2222-3333-4444-555555555555';
      await scene.refused(
        scene.put('configmaps/x', configMap('x', {}, { uid })),
        409,
        'Conflict',
        'Operation cannot be fulfilled on configmaps "x": StorageError: invalid object, Code: 4, Key: /registry/configmaps/ns/x, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: UID, UID in object meta: UID',
      );
    },
  ],
  [
    'custom resources are replaced with their version only',
    async (scene) => {
      await scene.make('gadgets', gadget('x', {}));
      await scene.refused(
        scene.put('gadgets/x', gadget('x', {})),
        422,
        'Invalid',
        'gadgets.conformance.example.com "x" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
      );
    },
  ],
  [
    'an object is deleted with its last state told by a Status',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('x'));
      expect(await scene.accepted(scene.delete('configmaps/x'))).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name: 'x', kind: 'configmaps', uid: textAt(made, 'metadata', 'uid') },
      });
      await scene.refused(scene.get('configmaps/x'), 404, 'NotFound', 'configmaps "x" not found');
    },
  ],
  [
    'a pod that never ran is deleted at once and answered whole',
    async (scene) => {
      await scene.make('pods', pod('x', { schedulerName: 'nobody' }));
      const gone = await scene.accepted(scene.delete('pods/x'));
      expect(gone).toMatchObject({ kind: 'Pod', metadata: { name: 'x', deletionGracePeriodSeconds: 0 } });
    },
  ],
  [
    'an object that does not exist cannot be deleted',
    async (scene) => {
      await scene.refused(scene.delete('configmaps/x'), 404, 'NotFound', 'configmaps "x" not found');
    },
  ],
  [
    'a delete may insist on an incarnation',
    async (scene) => {
      await scene.make('configmaps', configMap('x'));
      const uid = '11111111-2222-3333-4444-555555555555';
      await scene.refused(
        scene.delete('configmaps/x', { preconditions: { uid } }),
        409,
        'Conflict',
        'Operation cannot be fulfilled on ConfigMap "x": the UID in the precondition (UID) does not match the UID in record (UID). The object might have been deleted and then recreated',
      );
    },
  ],
  [
    'a delete may insist on a version',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('x'));
      const answer = await scene.delete('configmaps/x', { preconditions: { resourceVersion: '1' } });
      expect(answer.status).toBe(409);
      expect(textAt(answer.body, 'message')).toBe(
        `Operation cannot be fulfilled on ConfigMap "x": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${textAt(made, 'metadata', 'resourceVersion')}). The object might have been modified`,
      );
    },
  ],
  [
    'a collection is deleted by its labels',
    async (scene) => {
      await scene.make('configmaps', configMap('x', {}, { labels: { app: 'one' } }));
      await scene.make('configmaps', configMap('y', {}, { labels: { app: 'two' } }));
      await scene.accepted(scene.request('DELETE', 'configmaps', { query: { labelSelector: 'app=one' } }));
      expect(await scene.names('configmaps')).toEqual(['y']);
    },
  ],
  [
    'a path that nobody serves is not found in plain text',
    async (scene) => {
      expect(await scene.get('/apis/nobody.example.com/v1/things')).toMatchObject({
        status: 404,
        body: '404 page not found\n',
      });
    },
  ],
  [
    'a resource that a served group does not have is not found',
    async (scene) => {
      const text = 'the server could not find the requested resource';
      expect(await scene.refused(scene.get('/api/v1/things'), 404, 'NotFound', text)).toMatchObject({ details: {} });
    },
  ],
  [
    'a method that a resource does not have is not allowed',
    async (scene) => {
      const text = 'the server does not allow this method on the requested resource';
      await scene.refused(scene.put('configmaps', configMap('x')), 405, 'MethodNotAllowed', text);
    },
  ],
  [
    'a list says what it is a list of and of which version',
    async (scene) => {
      await scene.make('configmaps', configMap('x'));
      const list = await scene.accepted(scene.get('configmaps'));
      expect(list).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
      expect(textAt(list, 'metadata', 'resourceVersion')).toMatch(/^\d+$/);
      expect(listAt(list, 'items').map((item) => Object.keys(item as object))).toEqual([['metadata', 'data']]);
    },
  ],
  [
    'items of a list of custom resources carry their kind',
    async (scene) => {
      await scene.make('gadgets', gadget('x', {}));
      const list = await scene.accepted(scene.get('gadgets'));
      expect(list).toMatchObject({ kind: 'GadgetList', items: [{ kind: 'Gadget' }] });
    },
  ],
  [
    'an object answers in YAML to who asks for it',
    async (scene) => {
      await scene.make('configmaps', configMap('x'));
      const { headers, body } = await scene.request('GET', 'configmaps/x', { headers: { accept: 'application/yaml' } });
      expect(headers['content-type']).toBe('application/yaml');
      expect(body).toMatch(/^apiVersion: v1\ndata:\n {2}a: "1"\nkind: ConfigMap\n/);
    },
  ],
  [
    'an unknown format is not acceptable',
    async (scene) => {
      const { status } = await scene.request('GET', 'configmaps', { headers: { accept: 'text/html' } });
      expect(status).toBe(406);
    },
  ],
  [
    'a body of an unknown format is not accepted',
    async (scene) => {
      const answer = scene.request('POST', 'configmaps', { body: 'x', headers: { 'content-type': 'text/plain' } });
      await scene.refused(
        answer,
        415,
        'UnsupportedMediaType',
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      );
    },
  ],
];
