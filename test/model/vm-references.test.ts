import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import { claimNamesOf, persistentStateClaimsOf, referencesOf } from '../../src/model/vm-references.ts';
import { claim, template, virtualMachine } from './kubevirt-objects.ts';

const withTemplate = (spec: JsonObject, more: JsonObject = {}): KubeObject =>
  virtualMachine({ spec: { runStrategy: 'Always', ...more, template: template(spec) } });

const summary = (vm: KubeObject, claims: readonly KubeObject[] = []): readonly string[] =>
  referencesOf(vm, claims).map(
    ({ kind, handling, namespace, name }) =>
      `${handling} ${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
  );

describe('what a VM names', () => {
  test('of every kind of volume', () => {
    const volumes = [
      { name: 'a', persistentVolumeClaim: { claimName: 'disk-a' } },
      { name: 'b', dataVolume: { name: 'disk-b' } },
      { name: 'c', ephemeral: { persistentVolumeClaim: { claimName: 'disk-c' } } },
      { name: 'd', cloudInitNoCloud: { secretRef: { name: 'user' }, networkDataSecretRef: { name: 'net' } } },
      { name: 'e', cloudInitConfigDrive: { secretRef: { name: 'user' } } },
      { name: 'f', secret: { secretName: 'token' } },
      { name: 'g', configMap: { name: 'settings' } },
      { name: 'h', sysprep: { configMap: { name: 'unattend' } } },
      { name: 'i', serviceAccount: { serviceAccountName: 'robot' } },
      { name: 'j', containerDisk: { image: 'registry.example/virtio', imagePullSecret: 'pull' } },
      { name: 'k', hostDisk: { path: '/data/disk.img', type: 'Disk' } },
      { name: 'l', emptyDisk: { capacity: '1Gi' } },
      { name: 'm', cloudInitNoCloud: { userData: '#cloud-config' } },
    ];
    expect(summary(withTemplate({ volumes }))).toEqual([
      'replicated claim prod/disk-a',
      'replicated claim prod/disk-b',
      'replicated claim prod/disk-c',
      'copied secret prod/user',
      'copied secret prod/net',
      'copied secret prod/token',
      'copied configMap prod/settings',
      'copied configMap prod/unattend',
      'needed serviceAccount prod/robot',
      'needed image registry.example/virtio',
      'copied secret prod/pull',
      'unprotected nodePath /data/disk.img',
    ]);
  });

  test('beside its volumes', () => {
    const spec = {
      volumes: [],
      accessCredentials: [{ sshPublicKey: { source: { secret: { secretName: 'keys' } } } }],
      networks: [
        { name: 'default', pod: {} },
        { name: 'lan', multus: { networkName: 'lan' } },
        { name: 'dmz', multus: { networkName: 'net-system/dmz' } },
      ],
      priorityClassName: 'critical',
      schedulerName: 'default-scheduler',
      nodeSelector: { 'kubernetes.io/hostname': 'node-a1' },
      domain: { devices: { gpus: [{ name: 'gpu1', deviceName: 'nvidia.com/T4' }] } },
    };
    const matchers = {
      instancetype: { name: 'u1.small' },
      preference: { kind: 'VirtualMachinePreference', name: 'linux' },
    };
    expect(summary(withTemplate(spec, matchers))).toEqual([
      'copied secret prod/keys',
      'needed network prod/lan',
      'needed network net-system/dmz',
      'needed instancetype u1.small',
      'needed preference prod/linux',
      'needed priorityClass critical',
      'needed nodeSelector kubernetes.io/hostname=node-a1',
      'needed device nvidia.com/T4',
    ]);
  });

  test('says where, and what may be missing; required anywhere is required', () => {
    const volumes = [
      { name: 'a', secret: { secretName: 'one', optional: true } },
      { name: 'b', secret: { secretName: 'two', optional: true } },
      { name: 'c', cloudInitNoCloud: { secretRef: { name: 'two' } } },
    ];
    expect(referencesOf(withTemplate({ volumes, domain: {} }))).toEqual([
      {
        kind: 'secret',
        handling: 'copied',
        namespace: 'prod',
        name: 'one',
        path: 'spec.template.spec.volumes[0].secret.secretName',
        optional: true,
      },
      {
        kind: 'secret',
        handling: 'copied',
        namespace: 'prod',
        name: 'two',
        path: 'spec.template.spec.volumes[2].cloudInitNoCloud.secretRef.name',
      },
    ]);
  });

  test('the short list of claims is the claims of the long one', () => {
    const volumes = [
      { name: 'a', persistentVolumeClaim: { claimName: 'disk-a' } },
      { name: 'b', dataVolume: { name: 'disk-b' } },
      { name: 'c', ephemeral: { persistentVolumeClaim: { claimName: 'disk-a' } } },
      { name: 'd', memoryDump: { claimName: 'dump' } },
    ];
    const vm = withTemplate({ volumes, utilityVolumes: [{ name: 'u', claimName: 'tools' }] });
    expect(claimNamesOf(vm)).toEqual(['disk-a', 'disk-b', 'dump', 'tools']);
    expect(
      referencesOf(vm)
        .filter(({ kind }) => kind === 'claim')
        .map(({ name }) => name),
    ).toEqual(claimNamesOf(vm));
  });
});

describe('persistent vTPM and EFI state', () => {
  const state = claim({
    metadata: { name: 'persistent-state-for-vm1-x7f2k', labels: { 'persistent-state-for': 'vm1' } },
  });
  const other = claim({ metadata: { name: 'persistent-state-for-vm10', labels: { 'persistent-state-for': 'vm10' } } });
  const claims = [claim(), other, state];

  test.each([
    ['a persistent TPM', { devices: { tpm: { persistent: true } } }, [state.metadata.name]],
    ['persistent EFI variables', { firmware: { bootloader: { efi: { persistent: true } } } }, [state.metadata.name]],
    ['a TPM that forgets', { devices: { tpm: {} } }, []],
    ['a disabled TPM', { devices: { tpm: { persistent: true, enabled: false } } }, []],
  ])('of %s is in the claims %j', (_case, domain, expected) => {
    const vm = withTemplate({ domain, volumes: [] });
    expect(persistentStateClaimsOf(vm, claims).map(({ metadata }) => metadata.name)).toEqual(expected);
    expect(claimNamesOf(vm, claims)).toEqual(expected);
  });
});
