import { describe, expect, test } from 'vitest';
import type { ApiAnswer } from '../../../../src/drivers/sim/api-server/api-server.ts';
import { clusterResources } from '../../../../src/drivers/sim/behaviours/resource-types.ts';
import { powerResource } from '../../../../src/drivers/sim/kubevirt-admission/power-subresources.ts';
import { at, objectAt, textAt, type JsonObject } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import { ClusterLab } from '../behaviours/cluster-lab.ts';
import { prepareDisk, virtualMachine } from '../behaviours/manifests.ts';

const vm = resources.virtualMachine;
const second = 1000;
const validator = 'admission webhook "virtualmachine-validator.kubevirt.io" denied the request:';
const exclusive =
  'Running and RunStrategy are mutually exclusive. Note that Running is deprecated, please use RunStrategy instead';

function create(lab: ClusterLab, body: JsonObject): ApiAnswer {
  return lab.api.request({ verb: 'create', resource: vm, namespace: 'shop', body });
}

function patch(lab: ClusterLab, spec: JsonObject): ApiAnswer {
  return lab.api.request({
    verb: 'patch',
    patch: 'merge',
    resource: vm,
    namespace: 'shop',
    name: 'vm1',
    body: { spec },
  });
}

function power(lab: ClusterLab, subresource: string, body?: JsonObject): ApiAnswer {
  const place = { resource: powerResource, namespace: 'shop', name: 'vm1', subresource };
  return lab.api.request({ verb: 'update', ...place, ...(body === undefined ? {} : { body }) });
}

function labWithVm(spec: JsonObject): ClusterLab {
  const lab = new ClusterLab();
  prepareDisk(lab);
  lab.send(vm, virtualMachine(spec));
  lab.runFor(10 * second);
  return lab;
}

const messageOf = (answer: ApiAnswer) => textAt(answer.body, 'message');

describe('the power fields', () => {
  test.each([
    [{ running: true, runStrategy: 'Always' }, exclusive, 'spec.running'],
    [{ running: false, runStrategy: 'Halted' }, exclusive, 'spec.running'],
    [{}, 'RunStrategy must be specified', 'spec.running'],
    [{ runStrategy: 'Foo' }, 'Invalid RunStrategy (Foo)', 'spec.runStrategy'],
    [{ runStrategy: '' }, 'Invalid RunStrategy ()', 'spec.runStrategy'],
    [{ runStrategy: 'halted' }, 'Invalid RunStrategy (halted)', 'spec.runStrategy'],
  ] as const)('%j is refused at creation', (spec, message, field) => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    const answer = create(lab, virtualMachine(spec));
    expect([answer.status, textAt(answer.body, 'reason')]).toEqual([422, 'Invalid']);
    expect(messageOf(answer)).toBe(`${validator} ${message}`);
    expect(at(answer.body, 'details', 'causes', 0, 'field')).toBe(field);
  });

  test.each(['Always', 'Halted', 'Manual', 'RerunOnFailure', 'Once', 'WaitAsReceiver'])(
    '%s is accepted',
    (runStrategy) => {
      const lab = new ClusterLab();
      prepareDisk(lab);
      expect(create(lab, virtualMachine({ runStrategy })).status).toBe(201);
    },
  );

  test('the other field is refused, both ways, and a conversion in one merge patch is not', () => {
    const lab = labWithVm({ runStrategy: 'Halted' });
    expect(messageOf(patch(lab, { running: true }))).toBe(`${validator} ${exclusive}`);
    expect(messageOf(patch(lab, { running: false }))).toBe(`${validator} ${exclusive}`);
    expect(messageOf(patch(lab, { runStrategy: null }))).toBe(`${validator} RunStrategy must be specified`);
    expect(patch(lab, { runStrategy: null, running: false }).status).toBe(200);
    expect(messageOf(patch(lab, { runStrategy: 'Always' }))).toBe(`${validator} ${exclusive}`);
    expect(patch(lab, { running: null, runStrategy: 'Halted' }).status).toBe(200);
  });

  test('running brings a warning, runStrategy does not', () => {
    const lab = labWithVm({ running: false });
    const warning = 'spec.running is deprecated, please use spec.runStrategy instead.';
    expect(patch(lab, { running: true }).warnings).toEqual([warning]);
    expect(patch(lab, { running: null, runStrategy: 'Halted' }).warnings).toBeUndefined();
  });
});

describe('what has not the shape of a VM', () => {
  const mutator = 'admission webhook "virtualmachines-mutator.kubevirt.io" denied the request:';
  const complete = { spec: { domain: { devices: {} } } };

  test.each([
    [{ running: 'false', template: complete }, 'spec.running in body must be of type boolean: "string"'],
    [{ runStrategy: 1, template: complete }, 'spec.runStrategy in body must be of type string: "integer"'],
    [{ runStrategy: 'Halted' }, 'spec.template in body is required'],
    [{ runStrategy: 'Halted', template: { spec: {} } }, 'spec.template.spec.domain in body is required'],
    [
      { running: [], template: { spec: { domain: {} } } },
      'spec.running in body must be of type boolean: "array", spec.template.spec.domain.devices in body is required',
    ],
  ] as const)('%j is refused by the webhook that mutates, before the schema', (spec, message) => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    const answer = create(lab, { metadata: { name: 'vm1', namespace: 'shop' }, spec });
    expect([answer.status, messageOf(answer)]).toEqual([422, `${mutator} ${message}`]);
  });
});

describe('a new VM', () => {
  test('gets the identity of its firmware and its machine at once, and keeps what it brought', () => {
    const lab = labWithVm({ runStrategy: 'Halted' });
    const template = objectAt(lab.get(vm, 'vm1'), 'spec', 'template');
    expect(at(template, 'metadata', 'annotations', 'kubevirt.io/pci-topology-version')).toBe('v3');
    expect(at(template, 'spec', 'architecture')).toBe('amd64');
    expect(at(template, 'spec', 'domain', 'machine', 'type')).toBe('q35');
    expect(at(template, 'spec', 'domain', 'resources')).toEqual({});
    const { uuid, serial } = objectAt(template, 'spec', 'domain', 'firmware');
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(serial).toMatch(/^[0-9a-f]{8}-/);
    const copy = {
      metadata: { name: 'copy', namespace: 'shop' },
      spec: { ...lab.get(vm, 'vm1')?.spec, runStrategy: 'Halted' },
    };
    expect(create(lab, copy as unknown as JsonObject).status).toBe(201);
    expect(objectAt(lab.get(vm, 'copy'), 'spec', 'template')).toEqual(template);
  });

  test.each([
    [{ disks: [{ name: 'ghost' }] }, "spec.template.spec.domain.devices.disks[0].Name 'ghost' not found."],
    [
      { interfaces: [{ name: 'default', macAddress: 'zz:00:00:00:00:01' }] },
      'interface spec.template.spec.domain.devices.interfaces[0].name has malformed MAC address (zz:00:00:00:00:01).',
    ],
  ])('with %j is refused', (devices, message) => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    const body = {
      metadata: { name: 'vm1', namespace: 'shop' },
      spec: { runStrategy: 'Halted', template: { spec: { domain: { devices } } } },
    };
    expect(messageOf(create(lab, body))).toBe(`${validator} ${message}`);
  });
});

describe('the power subresources', () => {
  const refused = (text: string) => `Operation cannot be fulfilled on virtualmachine.kubevirt.io "vm1": ${text}`;

  test.each([
    [{ runStrategy: 'Halted' }, 'stop', 409, 'VM is not running'],
    [{ runStrategy: 'Halted' }, 'restart', 409, 'RunStategy Halted does not support manual restart requests'],
    [{ runStrategy: 'Manual' }, 'restart', 409, 'VM is not running: Halted'],
    [{ runStrategy: 'Manual' }, 'stop', 409, 'VM is not running'],
    [{ runStrategy: 'Always' }, 'start', 409, 'VM is already running'],
    [{ running: true }, 'start', 409, 'VM is already running'],
    [{ runStrategy: 'Once' }, 'restart', 409, 'RunStategy Once does not support manual restart requests'],
  ] as const)('%j %s answers %i', (spec, action, status, text) => {
    const answer = power(labWithVm(spec), action);
    expect([answer.status, messageOf(answer)]).toEqual([status, refused(text)]);
  });

  test.each([
    [{ runStrategy: 'Halted' }, 'start', { runStrategy: 'Always' }],
    [{ running: false }, 'start', { running: true }],
    [{ runStrategy: 'Always' }, 'stop', { runStrategy: 'Halted' }],
    [{ runStrategy: 'Once' }, 'stop', { runStrategy: 'Halted' }],
    [{ running: true }, 'stop', { running: false }],
  ] as const)('%j %s changes the field in use to %j', (spec, action, after) => {
    const lab = labWithVm(spec);
    expect(power(lab, action)).toEqual({ status: 202, body: '' });
    const { template: _, ...rest } = objectAt(lab.get(vm, 'vm1'), 'spec');
    expect(rest).toEqual(after);
  });

  test('a stop of a Manual VM is a request for its VMI, and what comes while it is pending is undecided', () => {
    const lab = labWithVm({ runStrategy: 'Manual' });
    expect(power(lab, 'start').status).toBe(202);
    lab.runFor(10 * second);
    const uid = lab.get(resources.virtualMachineInstance, 'vm1')?.metadata.uid;
    expect(power(lab, 'stop').status).toBe(202);
    expect(lab.get(vm, 'vm1')?.status?.stateChangeRequests).toEqual([{ action: 'Stop', uid }]);
    expect(power(lab, 'stop').status).toBe(202);
    lab.runFor(2500);
    const answer = power(lab, 'start');
    expect([answer.status, messageOf(answer)]).toEqual([
      500,
      'Internal error occurred: unable to complete request: stop/start already underway',
    ]);
    lab.runFor(10 * second);
    expect(lab.get(vm, 'vm1')?.status?.stateChangeRequests).toBeUndefined();
    expect(objectAt(lab.get(vm, 'vm1'), 'spec').runStrategy).toBe('Manual');
  });

  test('unknown VMs and dry runs', () => {
    const lab = labWithVm({ runStrategy: 'Halted' });
    const place = { resource: powerResource, namespace: 'shop', name: 'nope', subresource: 'start' };
    expect(messageOf(lab.api.request({ verb: 'update', ...place }))).toBe(
      'virtualmachine.kubevirt.io "nope" not found',
    );
    expect(power(lab, 'start', { dryRun: ['All'] }).status).toBe(202);
    expect(objectAt(lab.get(vm, 'vm1'), 'spec').runStrategy).toBe('Halted');
    expect(messageOf(power(lab, 'start', { paused: 'yes' }))).toContain('cannot unmarshal string into Go struct field');
  });

  test.each([
    ['stop', { gracePeriod: '5' }, 'string into Go struct field StopOptions.gracePeriod of type int64'],
    ['restart', { gracePeriodSeconds: 1.5 }, 'number 1.5 into Go struct field RestartOptions.gracePeriodSeconds'],
    ['migrate', { dryRun: true }, 'bool into Go struct field MigrateOptions.dryRun of type []string'],
    ['restart', { gracePeriodSeconds: 5 }, 'For force restart, only gracePeriod=0 is supported for now'],
    ['restart', { gracePeriodSeconds: -1 }, 'gracePeriod has to be greater or equal to 0'],
  ])('%s with %j is a bad request', (action, body, message) => {
    const answer = power(labWithVm({ runStrategy: 'Always' }), action, body);
    expect(answer.status).toBe(400);
    expect(messageOf(answer)).toContain(message);
  });

  test('a start paused is left to the VM controller, which sets the power field and stops the CPUs of the VMI', () => {
    const lab = labWithVm({ runStrategy: 'Halted' });
    expect(power(lab, 'start', { paused: true }).status).toBe(202);
    expect(lab.get(vm, 'vm1')?.status?.stateChangeRequests).toEqual([{ action: 'Start', data: { paused: 'true' } }]);
    lab.runFor(10 * second);
    expect(objectAt(lab.get(vm, 'vm1'), 'spec').runStrategy).toBe('Always');
    expect(lab.get(vm, 'vm1')?.status?.stateChangeRequests).toBeUndefined();
    expect(objectAt(lab.get(resources.virtualMachineInstance, 'vm1'), 'spec').startStrategy).toBe('Paused');
  });

  test('a stop with a shorter grace period hurries a stop that is under way', () => {
    const lab = labWithVm({ runStrategy: 'Always' });
    lab.guests.setFault('shop', 'vm1', 'ignores-acpi');
    expect(patch(lab, { runStrategy: 'Halted' }).status).toBe(200);
    lab.runFor(2 * second);
    expect(messageOf(power(lab, 'stop', { gracePeriod: 30 }))).toBe(
      refused('Halted only supports manual stop requests with a shorter graceperiod'),
    );
    expect(power(lab, 'stop', { gracePeriod: 1 }).status).toBe(202);
    lab.runFor(5 * second);
    expect(lab.get(resources.virtualMachineInstance, 'vm1')).toBeUndefined();
  });

  test('a forced restart gives the launcher a second', () => {
    const lab = labWithVm({ runStrategy: 'Always' });
    const { uid } = lab.get(resources.virtualMachineInstance, 'vm1')!.metadata;
    lab.guests.setFault('shop', 'vm1', 'ignores-acpi');
    expect(power(lab, 'restart', { gracePeriodSeconds: 0 }).status).toBe(202);
    lab.runFor(10 * second);
    expect(lab.get(resources.virtualMachineInstance, 'vm1')?.metadata.uid).not.toBe(uid);
    expect(lab.get(vm, 'vm1')?.status?.printableStatus).toBe('Running');
  });
});

describe('the views of a VM', () => {
  const view = (lab: ClusterLab, subresource: string, name = 'vm1') =>
    lab.api.request({ verb: 'get', resource: powerResource, namespace: 'shop', name, subresource });

  test('expand-spec shows the size of the instancetype in its place', () => {
    const lab = labWithVm({ runStrategy: 'Halted' });
    expect(view(lab, 'expand-spec').body).toEqual(lab.get(vm, 'vm1'));
    expect(patch(lab, { instancetype: { name: 'big' } }).status).toBe(200);
    expect(messageOf(view(lab, 'expand-spec'))).toContain('"big" not found');
    lab.send(clusterResources.clusterInstancetype, {
      metadata: { name: 'big' },
      spec: { cpu: { guest: 2 }, memory: { guest: '1Gi' } },
    });
    const { body } = view(lab, 'expand-spec');
    expect(objectAt(body, 'spec', 'template', 'spec', 'domain')).toMatchObject({ memory: { guest: '1Gi' } });
    expect(objectAt(body, 'spec')).not.toHaveProperty('instancetype');
    expect(view(lab, 'expand-spec', 'nope').status).toBe(404);
  });

  test('objectgraph is behind a gate', () => {
    const answer = view(labWithVm({ runStrategy: 'Halted' }), 'objectgraph');
    expect([answer.status, messageOf(answer)]).toEqual([
      400,
      'ObjectGraph feature gate not enabled: Unable to return object graph.',
    ]);
  });
});

describe('a VMI', () => {
  test('keeps its spec against users, takes their status, and has no status subresource', () => {
    const lab = labWithVm({ runStrategy: 'Always' });
    const user = { name: 'alice', groups: ['system:masters', 'system:authenticated'] };
    const change = (body: JsonObject, subresource?: string) => {
      const place = { resource: resources.virtualMachineInstance, namespace: 'shop', name: 'vm1' };
      return lab.api.request(
        {
          verb: 'patch',
          patch: 'merge',
          ...place,
          ...(subresource ? { subresource } : {}),
          body,
          options: { dryRun: true },
        },
        user,
      );
    };
    const updates = 'admission webhook "virtualmachineinstances-update-validator.kubevirt.io" denied the request:';
    expect(messageOf(change({ spec: { terminationGracePeriodSeconds: 5 } }))).toBe(
      `${updates} update of VMI object is restricted`,
    );
    expect(messageOf(change({ metadata: { labels: { 'kubevirt.io/nodeName': 'other' } } }))).toContain(
      'reserved kubevirt.io/ labels',
    );
    expect(change({ metadata: { labels: { x: 'y' } } }).status).toBe(200);
    expect(change({ status: { phase: 'Failed' } }).status).toBe(200);
    expect(change({ status: { phase: 'Failed' } }, 'status').status).toBe(404);
  });
});
