import { describe, expect, test } from 'vitest';
import { type GroupView, groupView } from '../../src/model/group-view.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { type Known, known, unknown } from '../../src/model/known.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import type { Observation } from '../../src/model/observation.ts';
import type { Subject } from '../../src/model/read-plan.ts';
import { planSync, type SyncStep } from '../../src/model/sync-plan.ts';

type Readings = Partial<Record<Subject, readonly KubeObject[] | 'unknown'>>;

const object = (apiVersion: string, kind: string, name: string, rest: JsonObject = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: {
    name,
    ...(kind === 'PersistentVolume' ? {} : { namespace: 'default' }),
    uid: `uid-${name}`,
    resourceVersion: '7',
  },
  ...rest,
});

const secretVolume = { name: 'config', cloudInitNoCloud: { secretRef: { name: 'user-data' } } };
const vm = (volumes: readonly JsonObject[] = []): KubeObject =>
  object('kubevirt.io/v1', 'VirtualMachine', 'vm-1', {
    spec: {
      running: true,
      template: {
        spec: { domain: {}, volumes: [{ name: 'root', persistentVolumeClaim: { claimName: 'disk' } }, ...volumes] },
      },
    },
  });
const claim = object('v1', 'PersistentVolumeClaim', 'disk', {
  spec: {
    accessModes: ['ReadWriteOnce'],
    volumeMode: 'Block',
    storageClassName: 'r2',
    volumeName: 'pvc-1',
    resources: { requests: { storage: '1Gi' } },
  },
  status: { phase: 'Bound' },
});
const volume = (policy = 'Retain', driver = 'linstor.csi.linbit.com'): KubeObject =>
  object('v1', 'PersistentVolume', 'pvc-1', {
    spec: {
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Block',
      storageClassName: 'r2',
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: policy,
      csi: { driver, volumeHandle: 'pvc-1' },
      claimRef: { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'disk', uid: 'uid-disk' },
    },
  });
const secret = object('v1', 'Secret', 'user-data', { type: 'Opaque', data: { userdata: 'eA==' } });

const empty: Readings = {
  namespace: [object('v1', 'Namespace', 'default')],
  virtualMachines: [],
  instances: [],
  pods: [],
  claims: [],
  volumes: [],
  attachments: [],
  nodes: [],
  secrets: [],
  configMaps: [],
};

function view(source: Readings, target: Readings = {}): GroupView {
  const readings = (site: string, given: Readings) => ({
    site,
    missingTypes: [],
    readings: Object.fromEntries(
      Object.entries({ ...empty, ...given }).map(([subject, value]): [string, Known<readonly KubeObject[]>] => [
        subject,
        value === 'unknown' ? unknown('no answer') : known(value ?? []),
      ]),
    ),
  });
  const observation: Observation = {
    at: 0,
    sites: { one: readings('one', source), two: readings('two', target) },
    storage: {},
  };
  return groupView(observation, {
    namespace: 'default',
    group: 'g',
    source: 'one',
    target: 'two',
    virtualMachines: ['vm-1'],
  });
}

const brief = (steps: readonly SyncStep[]): readonly string[] =>
  steps.map((step) => `${step.action} ${step.kind} ${step.name} on ${step.site}`);
const complete: Readings = { virtualMachines: [vm()], claims: [claim], volumes: [volume()] };

describe('plan of a sync', () => {
  test('what a VM names comes before it, and the volume before its claim', () => {
    const steps = planSync(view({ ...complete, virtualMachines: [vm([secretVolume])], secrets: [secret] }));
    expect(brief(steps)).toEqual([
      'create Secret user-data on two',
      'create PersistentVolume pvc-1 on two',
      'create PersistentVolumeClaim disk on two',
      'create VirtualMachine vm-1 on two',
    ]);
    expect(steps.every((step) => step.request?.site === 'two' && step.request.verb === 'create')).toBe(true);
  });

  test('carried out and planned again, it has nothing to do', () => {
    const steps = planSync(view(complete));
    const created = (kind: string): KubeObject[] =>
      steps.filter((step) => step.kind === kind).map((step) => step.request?.body as unknown as KubeObject);
    const again = planSync(
      view(complete, {
        virtualMachines: created('VirtualMachine'),
        claims: created('PersistentVolumeClaim'),
        volumes: created('PersistentVolume'),
      }),
    );
    expect(again.map((step) => step.action)).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });

  test("a source's volume under Delete is set to Retain first, bound to the version that was read", () => {
    const [first] = planSync(view({ ...complete, volumes: [volume('Delete')] }));
    expect(first).toMatchObject({
      action: 'retain',
      site: 'one',
      request: {
        verb: 'patch',
        name: 'pvc-1',
        body: { metadata: { resourceVersion: '7' }, spec: { persistentVolumeReclaimPolicy: 'Retain' } },
      },
    });
  });

  test('a namespace that is missing on the target is created before everything else', () => {
    expect(brief(planSync(view(complete, { namespace: [] })))[0]).toBe('create Namespace default on two');
  });

  test.each([
    ['the VM does not exist', view({}), 'VirtualMachineMissing'],
    ['the VM cannot be read', view({ virtualMachines: 'unknown' }), 'SiteUnreadable'],
    ['its claim does not exist', view({ ...complete, claims: [] }), 'PersistentVolumeClaimMissing'],
    ['its claim has no volume', view({ ...complete, volumes: [] }), 'ClaimNotBound'],
    [
      'its volume is not replicated',
      view({ ...complete, volumes: [volume('Retain', 'other.csi')] }),
      'VolumeNotReplicated',
    ],
    ['its Secret does not exist', view({ ...complete, virtualMachines: [vm([secretVolume])] }), 'SecretMissing'],
    [
      'its Secret is a token of the cluster',
      view({
        ...complete,
        virtualMachines: [vm([secretVolume])],
        secrets: [{ ...secret, type: 'kubernetes.io/service-account-token' }],
      }),
      'SecretNotCopyable',
    ],
    ['the volumes of the target cannot be read', view(complete, { volumes: 'unknown' }), 'SiteUnreadable'],
    ['the namespace of the target cannot be read', view(complete, { namespace: 'unknown' }), 'SiteUnreadable'],
    [
      'another VM has the name there',
      view(complete, {
        virtualMachines: [
          object('kubevirt.io/v1', 'VirtualMachine', 'vm-1', { spec: { running: false, template: { spec: {} } } }),
        ],
      }),
      'NotOurCopy',
    ],
    [
      'the volume belongs to another claim there',
      view(complete, {
        claims: [claim],
        volumes: [
          {
            ...volume(),
            spec: { ...volume().spec, claimRef: { kind: 'PersistentVolumeClaim', namespace: 'other', name: 'else' } },
          },
        ],
      }),
      'ClaimNotRepairable',
    ],
  ])('is blocked, with the finding and without a request, when %s', (_why, given, id) => {
    const blocked = planSync(given).filter((step) => step.action === 'blocked');
    expect(blocked.map((step) => step.finding?.id)).toContain(id);
    for (const step of blocked) {
      expect(step.request).toBeUndefined();
      expect(step.finding).toMatchObject({
        severity: 'error',
        what: expect.stringMatching(/./),
        why: expect.stringMatching(/./),
        remedy: expect.stringMatching(/./),
      });
    }
  });

  test('a copy that may run on the target is left alone', () => {
    const steps = planSync(view(complete));
    const copy = steps.find((step) => step.kind === 'VirtualMachine')?.request?.body as unknown as KubeObject;
    const running = {
      ...copy,
      spec: { ...copy.spec, running: true, template: { spec: { domain: { cores: 2 } } } },
    } as KubeObject;
    const blocked = planSync(view(complete, { virtualMachines: [running] })).find((step) => step.action === 'blocked');
    expect(blocked?.finding?.id).toBe('TargetMayRun');
  });
});
