import { configMap, pod } from './config-map.ts';
import type { Refusal } from './refusal.ts';

const claim = (spec: object, metadata: object = {}): never =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'x', ...metadata },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  }) as never;

/** What built-in kinds and the options of requests refuse, with the texts. */
export const builtinRefusals: readonly Refusal[] = [
  {
    title: 'a number as data of a ConfigMap',
    send: (scene) => scene.post('configmaps', configMap('x', { a: 1 })),
    says: '400 BadRequest: ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
  },
  {
    title: 'a key that a ConfigMap cannot have',
    send: (scene) => scene.post('configmaps', configMap('x', { 'a b': '' })),
    says: `422 Invalid: ConfigMap "x" is invalid: data[a b]: Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
  },
  {
    title: 'a label that is none',
    send: (scene) => scene.post('configmaps', configMap('x', {}, { labels: { app: 'a b' } })),
    says: `422 Invalid: ConfigMap "x" is invalid: metadata.labels: Invalid value: "a b": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
  },
  {
    title: 'a label key that is none',
    send: (scene) => scene.post('configmaps', configMap('x', {}, { labels: { 'a b': 'x' } })),
    says: `422 Invalid: ConfigMap "x" is invalid: metadata.labels: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  },
  {
    title: 'an annotation key that is none',
    send: (scene) => scene.post('configmaps', configMap('x', {}, { annotations: { 'a b': 'x' } })),
    says: `422 Invalid: ConfigMap "x" is invalid: metadata.annotations: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  },
  {
    title: 'a finalizer that is none',
    send: (scene) => scene.post('configmaps', configMap('x', {}, { finalizers: ['a b'] })),
    says: `422 Invalid: ConfigMap "x" is invalid: [metadata.finalizers: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'), metadata.finalizers[0]: Invalid value: "a b": name is neither a standard finalizer name nor is it fully qualified]`,
  },
  {
    title: 'an owner without a uid',
    send: (scene) =>
      scene.post(
        'configmaps',
        configMap('x', {}, { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'y', uid: '' }] }),
      ),
    says: '422 Invalid: ConfigMap "x" is invalid: metadata.ownerReferences.uid: Invalid value: "": must not be empty',
  },
  {
    title: 'two owners that control',
    send: (scene) =>
      scene.post(
        'configmaps',
        configMap(
          'x',
          {},
          {
            ownerReferences: ['y', 'z'].map((name) => ({
              apiVersion: 'v1',
              kind: 'ConfigMap',
              name,
              uid: name,
              controller: true,
            })),
          },
        ),
      ),
    says: '422 Invalid: ConfigMap "x" is invalid: metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"ConfigMap","name":"y","uid":"y","controller":true},{"apiVersion":"v1","kind":"ConfigMap","name":"z","uid":"z","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for ConfigMap/y and ConfigMap/z',
  },
  {
    title: 'a change of an immutable ConfigMap',
    send: async (scene) => {
      await scene.make('configmaps', { ...configMap('x'), immutable: true });
      return scene.patch('merge', 'configmaps/x', { data: { a: '2' } });
    },
    says: '422 Invalid: ConfigMap "x" is invalid: data: Forbidden: field is immutable when `immutable` is set',
  },
  {
    title: 'a change of the name by a patch',
    send: async (scene) => {
      await scene.make('configmaps', configMap('x'));
      return scene.patch('merge', 'configmaps/x', { metadata: { name: 'y' } });
    },
    says: '400 BadRequest: the name of the object (y) does not match the name on the URL (x)',
  },
  {
    title: 'a change of the uid by a patch',
    send: async (scene) => {
      await scene.make('configmaps', configMap('x'));
      return scene.patch('merge', 'configmaps/x', { metadata: { uid: 'y' } });
    },
    says: '422 Invalid: ConfigMap "x" is invalid: metadata.uid: Invalid value: "y": field is immutable',
  },
  {
    title: 'a Secret whose data is no base64',
    send: (scene) => scene.post('secrets', { metadata: { name: 'x' }, data: { a: '%' } }),
    says: '400 BadRequest: Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0',
  },
  {
    title: 'a pod without containers',
    send: (scene) => scene.post('pods', pod('x', { containers: [] })),
    says: '422 Invalid: Pod "x" is invalid: spec.containers: Required value',
  },
  {
    title: 'a container without image',
    send: (scene) => scene.post('pods', pod('x', { containers: [{ name: 'a' }] })),
    says: '422 Invalid: Pod "x" is invalid: spec.containers[0].image: Required value',
  },
  {
    title: 'two containers of one name',
    send: (scene) =>
      scene.post(
        'pods',
        pod('x', {
          containers: [
            { name: 'a', image: 'i' },
            { name: 'a', image: 'i' },
          ],
        }),
      ),
    says: '422 Invalid: Pod "x" is invalid: spec.containers[1].name: Duplicate value: "a"',
  },
  {
    title: 'a mount of no volume',
    send: (scene) =>
      scene.post(
        'pods',
        pod('x', { containers: [{ name: 'a', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }] }),
      ),
    says: '422 Invalid: Pod "x" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "v"',
  },
  {
    title: 'an unknown restart policy',
    send: (scene) => scene.post('pods', pod('x', { restartPolicy: 'Maybe' })),
    says: '422 Invalid: Pod "x" is invalid: spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"',
  },
  {
    title: 'a service account that does not exist',
    send: (scene) => scene.post('pods', pod('x', { serviceAccountName: 'who' })),
    says: '403 Forbidden: pods "x" is forbidden: error looking up service account ns/who: serviceaccount "who" not found',
  },
  {
    title: 'a priority class that does not exist',
    send: (scene) => scene.post('pods', pod('x', { priorityClassName: 'high' })),
    says: '403 Forbidden: pods "x" is forbidden: no PriorityClass with name high was found',
  },
  {
    title: 'a change of a pod that may not change',
    send: async (scene) => {
      await scene.make('pods', pod('x', { schedulerName: 'nobody' }));
      return scene.patch('merge', 'pods/x', { spec: { hostNetwork: true } });
    },
    says: `422 Invalid: Pod "x" is invalid: spec: Forbidden: pod updates may not change fields other than \`spec.containers[*].image\`,\`spec.initContainers[*].image\`,\`spec.activeDeadlineSeconds\`,\`spec.tolerations\` (only additions to existing tolerations),\`spec.terminationGracePeriodSeconds\` (allow it to be set to 1 if it was previously negative)
@@ -44,7 +44,7 @@
  "AutomountServiceAccountToken": false,
  "NodeName": "",
  "SecurityContext": {
-  "HostNetwork": false,
+  "HostNetwork": true,
   "HostPID": false,
   "HostIPC": false,
   "ShareProcessNamespace": null,
`,
  },
  {
    title: 'a claim without size',
    send: (scene) => scene.post('persistentvolumeclaims', claim({ resources: {} })),
    says: '422 Invalid: PersistentVolumeClaim "x" is invalid: spec.resources[storage]: Required value',
  },
  {
    title: 'a claim without access modes',
    send: (scene) => scene.post('persistentvolumeclaims', claim({ accessModes: [] })),
    says: '422 Invalid: PersistentVolumeClaim "x" is invalid: spec.accessModes: Required value: at least 1 access mode is required',
  },
  {
    title: 'a claim of size zero',
    send: (scene) => scene.post('persistentvolumeclaims', claim({ resources: { requests: { storage: '0' } } })),
    says: '422 Invalid: PersistentVolumeClaim "x" is invalid: spec.resources[storage]: Invalid value: "0": must be greater than zero',
  },
  {
    title: 'a size that is no quantity',
    send: (scene) => scene.post('persistentvolumeclaims', claim({ resources: { requests: { storage: 'big' } } })),
    says: `400 BadRequest: PersistentVolumeClaim in version "v1" cannot be handled as a PersistentVolumeClaim: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
  },
  {
    title: 'an unknown access mode',
    send: (scene) => scene.post('persistentvolumeclaims', claim({ accessModes: ['Sometimes'] })),
    says: '422 Invalid: PersistentVolumeClaim "x" is invalid: spec.accessModes: Unsupported value: "Sometimes": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
  },
  {
    title: 'an unknown volume mode',
    send: (scene) => scene.post('persistentvolumeclaims', claim({ volumeMode: 'Tape' })),
    says: '422 Invalid: PersistentVolumeClaim "x" is invalid: spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"',
  },
  {
    title: 'a volume without size, access modes and source',
    send: (scene) => scene.post('persistentvolumes', { metadata: { name: `${scene.ns}-v` }, spec: {} }),
    says: '422 Invalid: PersistentVolume "ns-v" is invalid: [spec.accessModes: Required value, spec.capacity: Required value, spec.capacity: Unsupported value: null: supported values: "storage", spec: Required value: must specify a volume type]',
  },
  {
    title: 'a lease of no duration',
    send: (scene) => scene.post('leases', { metadata: { name: 'x' }, spec: { leaseDurationSeconds: 0 } }),
    says: '422 Invalid: Lease.coordination.k8s.io "x" is invalid: spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
  },
  {
    title: 'a lease time without fractions',
    send: (scene) => scene.post('leases', { metadata: { name: 'x' }, spec: { renewTime: 'now' } }),
    says: '400 BadRequest: Lease in version "v1" cannot be handled as a Lease: parsing time "now" as "TIME07:00": cannot parse "now" as "2006"',
  },
  {
    title: 'a role binding whose role changes',
    send: async (scene) => {
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' };
      await scene.make('rolebindings', { metadata: { name: 'x' }, roleRef });
      return scene.patch('merge', 'rolebindings/x', { roleRef: { ...roleRef, name: 'b' } });
    },
    says: '422 Invalid: RoleBinding.rbac.authorization.k8s.io "x" is invalid: roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"b"}: cannot change roleRef',
  },
  {
    title: 'a namespace whose name is no label',
    send: (scene) => scene.post('namespaces', { metadata: { name: 'a.b' } }),
    says: '422 Invalid: Namespace "a.b" is invalid: metadata.name: Invalid value: "a.b": must not contain dots',
  },
  {
    title: 'the deletion of the default namespace',
    send: (scene) => scene.delete('namespaces/default'),
    says: '403 Forbidden: namespaces "default" is forbidden: this namespace may not be deleted',
  },
  {
    title: 'an unknown field of a built-in kind where validation is strict',
    send: (scene) => scene.post('configmaps', { ...configMap('x'), dat: {} }, { fieldValidation: 'Strict' }),
    says: '400 BadRequest: ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dat"',
  },
  {
    title: 'a field given twice where validation is strict',
    send: (scene) =>
      scene.post(
        'configmaps',
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"1","a":"2"}}',
        {
          fieldValidation: 'Strict',
        },
      ),
    says: '400 BadRequest: ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.a"',
  },
  {
    title: 'an unknown field in an apply of a built-in kind',
    send: (scene) => scene.apply('configmaps/x', { ...configMap('x'), dat: {} }),
    says: '500 : failed to create typed patch object (/x; /v1, Kind=ConfigMap): .dat: field not declared in schema',
  },
  {
    title: 'an apply without a manager',
    send: (scene) => scene.patch('apply', 'configmaps/x', configMap('x')),
    says: '422 Invalid: PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  },
  {
    title: 'an apply with managed fields',
    send: (scene) => scene.apply('configmaps/x', configMap('x', {}, { managedFields: [{ manager: 'a' }] })),
    says: '400 BadRequest: metadata.managedFields must be nil',
  },
  {
    title: 'an apply without a kind',
    send: (scene) => scene.apply('configmaps/x', { metadata: { name: 'x' } }),
    says: '400 BadRequest: invalid object type: /, Kind=',
  },
  {
    title: 'an unknown dry run',
    send: (scene) => scene.post('configmaps', configMap('x'), { dryRun: 'Some' }),
    says: '422 Invalid: CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
  },
  {
    title: 'an unknown field validation',
    send: (scene) => scene.post('configmaps', configMap('x'), { fieldValidation: 'Odd' }),
    says: '422 Invalid: CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Odd": supported values: "", "Ignore", "Strict", "Warn"',
  },
  {
    title: 'a label selector that is none',
    send: (scene) => scene.get('configmaps', { labelSelector: 'a in b' }),
    says: "400 BadRequest: unable to parse requirement: found 'b' expected: '('",
  },
  {
    title: 'a field selector that is none',
    send: (scene) => scene.get('configmaps', { fieldSelector: 'metadata.name' }),
    says: "400 BadRequest: invalid selector: 'metadata.name'; can't understand 'metadata.name'",
  },
  {
    title: 'a field selector for a field that cannot be selected',
    send: (scene) => scene.get('configmaps', { fieldSelector: 'data.a=1' }),
    says: '400 BadRequest: "data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
  },
  {
    title: 'a field selector for a field of a custom resource that cannot be selected',
    send: (scene) => scene.get('gadgets', { fieldSelector: 'spec.size=1' }),
    says: '400 BadRequest: field label not supported: spec.size',
  },
  {
    title: 'a continue token that is none',
    send: (scene) => scene.get('configmaps', { continue: 'x' }),
    says: '400 BadRequest: invalid continue token: continue key is not valid: illegal base64 data at input byte 0',
  },
  {
    title: 'a limit that is no number',
    send: (scene) => scene.get('configmaps', { limit: 'x' }),
    says: '400 BadRequest: strconv.ParseInt: parsing "x": invalid syntax',
  },
  {
    title: 'a resourceVersion that is no number',
    send: (scene) => scene.get('configmaps', { resourceVersion: 'x' }),
    says: '400 BadRequest: invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
  },
  {
    title: 'a match without a resourceVersion',
    send: (scene) => scene.get('configmaps', { resourceVersionMatch: 'Exact' }),
    says: '422 Invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
  },
  {
    title: 'an exact match of version zero',
    send: (scene) => scene.get('configmaps', { resourceVersionMatch: 'Exact', resourceVersion: '0' }),
    says: '422 Invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
  },
  {
    title: 'an unknown propagation policy',
    send: async (scene) => {
      await scene.make('configmaps', configMap('x'));
      return scene.delete('configmaps/x', { propagationPolicy: 'Sideways' });
    },
    says: '422 Invalid: DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"',
  },
  {
    title: 'a JSON patch whose test fails',
    send: async (scene) => {
      await scene.make('configmaps', configMap('x'));
      return scene.patch('json', 'configmaps/x', [{ op: 'test', path: '/data/a', value: '2' }]);
    },
    says: '422 Invalid: the server rejected our request due to an error in our request',
  },
  {
    title: 'a JSON patch that removes what is not there',
    send: async (scene) => {
      await scene.make('configmaps', configMap('x'));
      return scene.patch('json', 'configmaps/x', [{ op: 'remove', path: '/data/b' }]);
    },
    says: '422 Invalid: the server rejected our request due to an error in our request',
  },
  {
    title: 'a JSON patch that is no list',
    send: async (scene) => {
      await scene.make('configmaps', configMap('x'));
      return scene.patch('json', 'configmaps/x', { op: 'remove' });
    },
    says: '400 BadRequest: error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
  },
  {
    title: 'a JSON patch with an unknown operation',
    send: async (scene) => {
      await scene.make('configmaps', configMap('x'));
      return scene.patch('json', 'configmaps/x', [{ op: 'turn', path: '/data/a' }]);
    },
    says: '422 Invalid: the server rejected our request due to an error in our request',
  },
  {
    title: 'a merge patch of an older version',
    send: async (scene) => {
      await scene.make('configmaps', configMap('x'));
      return scene.patch('merge', 'configmaps/x', { metadata: { resourceVersion: '1' }, data: { a: '2' } });
    },
    says: '409 Conflict: Operation cannot be fulfilled on configmaps "x": the object has been modified; please apply your changes to the latest version and try again',
  },
  {
    title: 'a patch that gives a value of the wrong type',
    send: async (scene) => {
      await scene.make('configmaps', configMap('x'));
      return scene.patch('merge', 'configmaps/x', { data: { a: 1 } });
    },
    says: '422 Invalid:  "" is invalid: patch: Invalid value: "{\\"apiVersion\\":\\"v1\\",\\"data\\":{\\"a\\":1},\\"kind\\":\\"ConfigMap\\",\\"metadata\\":{\\"name\\":\\"x\\",\\"namespace\\":\\"ns\\",\\"uid\\":\\"UID\\",\\"resourceVersion\\":\\"VERSION\\",\\"creationTimestamp\\":\\"TIME\\",\\"managedFields\\":[{\\"manager\\":\\"conformance\\",\\"operation\\":\\"Update\\",\\"apiVersion\\":\\"v1\\",\\"time\\":\\"TIME\\",\\"fieldsType\\":\\"FieldsV1\\",\\"fieldsV1\\":{\\"f:data\\":{\\".\\":{},\\"f:a\\":{}}}}]}}": json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
  },
  {
    title: 'a strategic merge patch that gives a value of the wrong type',
    send: async (scene) => {
      await scene.make('configmaps', configMap('x'));
      return scene.patch('strategic', 'configmaps/x', { data: { a: 1 } });
    },
    says: '422 Invalid:  "" is invalid: patch: Invalid value: "map[data:map[a:1]]": cannot convert int64 to string',
  },
  {
    title: 'a patch of what does not exist',
    send: (scene) => scene.patch('merge', 'configmaps/x', {}),
    says: '404 NotFound: configmaps "x" not found',
  },
  {
    title: 'a patch of an unknown type',
    send: (scene) =>
      scene.request('PATCH', 'configmaps/x', { body: {}, headers: { 'content-type': 'application/json' } }),
    says: '415 UnsupportedMediaType: 415: Unsupported Media Type',
  },
];
