import { describe, expect, test } from 'vitest';
import { copyVirtualMachine } from '../../../src/model/definition-copy/virtual-machine-copy.ts';
import { at, type JsonObject } from '../../../src/model/json.ts';
import type { KubeObject } from '../../../src/model/kube.ts';
import { originalRunStrategyAnnotation } from '../../../src/model/virtual-machine.ts';
import { instance, template, virtualMachine } from '../kubevirt-objects.ts';

const withSpec = (spec: JsonObject): KubeObject => virtualMachine({ spec: { template: template(), ...spec } });
const templateOf = (vm: KubeObject): unknown => at(vm, 'spec', 'template', 'spec');

describe('power', () => {
  test('a copy is created halted and remembers what to start with', () => {
    const { object } = copyVirtualMachine(withSpec({ runStrategy: 'Manual' }), undefined, 'cluster1');
    expect(object.spec?.runStrategy).toBe('Halted');
    expect(object.metadata.annotations?.[originalRunStrategyAnnotation]).toBe('Manual');
  });

  test('the field in use stays the field in use', () => {
    const { object } = copyVirtualMachine(withSpec({ running: true }), undefined, 'cluster1');
    expect(object.spec).toMatchObject({ running: false });
    expect(object.spec).not.toHaveProperty('runStrategy');
  });

  test('a source that we have halted passes on the strategy it was halted from', () => {
    const halted = virtualMachine({
      metadata: { annotations: { [originalRunStrategyAnnotation]: 'Once' } },
      spec: { runStrategy: 'Halted', template: template() },
    });
    const { object } = copyVirtualMachine(halted, undefined, 'cluster1');
    expect(object.metadata.annotations?.[originalRunStrategyAnnotation]).toBe('Once');
  });
});

describe('identity', () => {
  const bare = template({
    domain: {
      devices: {
        interfaces: [
          { masquerade: {}, name: 'default' },
          { bridge: {}, name: 'lan', macAddress: '02:00:00:00:00:01' },
        ],
      },
    },
  });

  test('firmware and PCI topology are carried', () => {
    const { object } = copyVirtualMachine(virtualMachine(), instance('Running'), 'cluster1');
    expect(at(object, 'spec', 'template', 'metadata')).toEqual(at(virtualMachine(), 'spec', 'template', 'metadata'));
    expect(templateOf(object)).toMatchObject({
      domain: {
        firmware: { uuid: '69c1ec68-218a-4e59-b5ee-41f46739d294', serial: '5a766ef3-8462-401b-96c0-c2608563b96b' },
      },
    });
  });

  test('a firmware UUID that only the instance knows is taken from there', () => {
    const { object } = copyVirtualMachine(withSpec({ running: true, template: bare }), instance('Running'), 'cluster1');
    expect(templateOf(object)).toMatchObject({
      domain: { firmware: { uuid: '69c1ec68-218a-4e59-b5ee-41f46739d294' } },
    });
  });

  test('one that nobody stored is computed as old releases do', () => {
    const { object } = copyVirtualMachine(withSpec({ running: false, template: bare }), undefined, 'cluster1');
    expect(templateOf(object)).toMatchObject({
      domain: { firmware: { uuid: '133bf63e-9459-5126-9b21-b56e9b3d17b3' } },
    });
  });

  test('a MAC address is filled in from the instance where the definition has none', () => {
    const { object } = copyVirtualMachine(withSpec({ running: true, template: bare }), instance('Running'), 'cluster1');
    expect(at(object, 'spec', 'template', 'spec', 'domain', 'devices', 'interfaces')).toEqual([
      { masquerade: {}, name: 'default', macAddress: '02:00:00:31:9e:f6' },
      { bridge: {}, name: 'lan', macAddress: '02:00:00:00:00:01' },
    ]);
  });
});

describe('what must not come along', () => {
  test('DataVolumes become claims of the same name, their templates go', () => {
    const volumes = [
      { name: 'root', dataVolume: { name: 'fedora', hotpluggable: true } },
      { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
    ];
    const vm = withSpec({
      runStrategy: 'Always',
      dataVolumeTemplates: [
        { metadata: { name: 'fedora' }, spec: { source: { http: { url: 'http://images/fedora' } } } },
      ],
      template: template({ volumes }),
    });
    const { object, dropped } = copyVirtualMachine(vm, undefined, 'cluster1');
    expect(object.spec).not.toHaveProperty('dataVolumeTemplates');
    expect(templateOf(object)).toMatchObject({
      volumes: [
        { name: 'root', persistentVolumeClaim: { claimName: 'fedora', hotpluggable: true } },
        { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      ],
    });
    expect(dropped).toContain('spec.dataVolumeTemplates: its volumes become claims of the same name');
  });

  test('ControllerRevisions of the source are not named', () => {
    const vm = withSpec({
      runStrategy: 'Always',
      instancetype: {
        kind: 'VirtualMachineInstancetype',
        name: 'small',
        revisionName: 'vm1-small-v1-1',
        inferFromVolume: 'root',
      },
      preference: { name: 'linux', revisionName: 'vm1-linux-v1-1' },
    });
    const { object, dropped } = copyVirtualMachine(vm, undefined, 'cluster1');
    expect(object.spec?.instancetype).toEqual({ kind: 'VirtualMachineInstancetype', name: 'small' });
    expect(object.spec?.preference).toEqual({ name: 'linux' });
    expect(dropped).toEqual(
      expect.arrayContaining([
        'spec.instancetype.revisionName',
        'spec.instancetype.inferFromVolume',
        'spec.preference.revisionName',
      ]),
    );
  });

  test('an instancetype that is still to be inferred is', () => {
    const vm = withSpec({ runStrategy: 'Always', instancetype: { inferFromVolume: 'root' } });
    const { object } = copyVirtualMachine(vm, undefined, 'cluster1');
    expect(object.spec?.instancetype).toEqual({ inferFromVolume: 'root' });
  });
});
