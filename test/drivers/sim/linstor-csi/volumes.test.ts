import { describe, expect, test } from 'vitest';
import { CsiLab, sites } from './csi-lab.ts';

const quorum = 'DrbdOptions/Resource/quorum';

describe('CreateVolume', () => {
  test('makes one group for equal parameters, whatever their spelling, and finds a volume of the same name again', () => {
    const lab = new CsiLab();
    const first = lab.create('pvc-1');
    const other = { 'linstor.csi.linbit.com/autoPlace': '2', REPLICASONDIFFERENT: 'site', storagepool: 'pool' };
    lab.create('pvc-2', {
      ...other,
      'csi.storage.k8s.io/pvc/name': 'disk',
      'csi.storage.k8s.io/pvc/namespace': 'shop',
    });
    const groups = lab.get('/v1/resource-groups') as readonly { readonly name: string }[];
    expect(groups.map(({ name }) => name)).toEqual(['DfltRscGrp', 'sc-d0f54047-a7e3-5125-9866-d4ec930130b9']);
    expect(lab.replicas('pvc-1')).toBe('dr-a diskful, pri-a diskful');
    expect(lab.property('pvc-2', 'Aux/csi.storage.k8s.io/pvc/namespace')).toBe('shop');
    lab.changes.length = 0;
    expect(lab.create('pvc-1', sites, lab.there)).toEqual(first);
    expect(lab.changes).toEqual([]);
  });

  test('makes one copy where no number is said', () => {
    const lab = new CsiLab();
    lab.create('pvc-1', {});
    expect(lab.replicas('pvc-1')).toBe('dr-a diskful');
  });

  test('leaves nothing behind when the copies find no place, and says why', () => {
    const lab = new CsiLab();
    expect(lab.tryToCreate('pvc-1', { ...sites, placementCount: '3' })).toMatchObject({
      code: 'Internal',
      message: expect.stringMatching(
        /^CreateVolume failed for pvc-1: rpc error: code = ResourceExhausted .*Not enough/,
      ),
    });
    expect(lab.send('GET', '/v1/resource-definitions/pvc-1').status).toBe(404);
    expect(lab.get('/v1/resource-groups')).toHaveLength(1);
  });

  test('destroys what was there under that name without the driver’s mark, when it is of another group', () => {
    const lab = new CsiLab();
    lab.define('shop-disk', 'pri-a', 'dr-a');
    const claim = { 'csi.storage.k8s.io/pvc/name': 'disk', 'csi.storage.k8s.io/pvc/namespace': 'shop' };
    expect(lab.tryToCreate('pvc-1', { ...sites, ...claim, usePvcName: 'true' })).toMatchObject({ code: 'Internal' });
    expect(lab.send('GET', '/v1/resource-definitions/shop-disk').status).toBe(404);
  });

  test.each([
    [{ nonsense: '1' }, 'failed to parse parameters: invalid parameter: nonsense does not belong to paramKey values'],
    [
      { placementCount: 'two' },
      'failed to parse parameters: bad parameters: unable to parse "two" as a 32 bit integer',
    ],
    [
      { allowRemoteVolumeAccess: 'maybe' },
      'failed to parse parameters: yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `maybe` into []volume.RemoteAccessPolicyRule',
    ],
  ])('refuses %j', (parameters, message) => {
    expect(new CsiLab().tryToCreate('pvc-1', parameters)).toEqual({ kind: 'error', code: 'InvalidArgument', message });
  });

  test('answers from where the volume may be used: a typo in a rule opens it to everybody', () => {
    const lab = new CsiLab();
    const topologyFor = (access: string): unknown =>
      lab.create('pvc-1', { ...sites, allowRemoteVolumeAccess: access }).accessibleTopology;
    expect(topologyFor('true')).toBeUndefined();
    expect(topologyFor('false')).toEqual([
      { segments: { 'linbit.com/hostname': 'dr-a' } },
      { segments: { 'linbit.com/hostname': 'pri-a' } },
    ]);
    expect(topologyFor('- fromSame:\n  - site\n')).toEqual([
      { segments: { site: 'dr' } },
      { segments: { site: 'primary' } },
    ]);
    expect(topologyFor('- fromSame:\n  - sight\n')).toBeUndefined();
  });
});

describe('ControllerPublishVolume and ControllerUnpublishVolume', () => {
  test('a client of a volume with a copy at each site flips quorum on, and off again when it goes', () => {
    const lab = new CsiLab();
    lab.create('pvc-1');
    expect(lab.publish('pvc-1', 'pri-b')).toBe('OK');
    expect([lab.property('pvc-1', quorum), lab.replicas('pvc-1')]).toEqual([
      'majority',
      'dr-a diskful, pri-a diskful, pri-b DISKLESS',
    ]);
    expect(lab.unpublish('pvc-1', 'pri-b')).toBe('OK');
    expect([lab.property('pvc-1', quorum), lab.replicas('pvc-1')]).toEqual(['off', 'dr-a diskful, pri-a diskful']);
  });

  test('two primaries are allowed while another is in use, and no longer once exactly one is', () => {
    const lab = new CsiLab();
    const allowed = (): unknown => lab.property('pvc-1', 'DrbdOptions/Net/allow-two-primaries');
    lab.create('pvc-1');
    lab.open('pvc-1', 'pri-a');
    expect([lab.publish('pvc-1', 'dr-a', lab.there), allowed()]).toEqual(['OK', 'yes']);
    lab.close('pvc-1', 'pri-a');
    // Nobody uses it any more: the usual order of closing, then unpublishing, leaves it allowed.
    lab.clock.pass(31_000);
    expect([lab.unpublish('pvc-1', 'pri-a'), allowed()]).toEqual(['OK', 'yes']);
    lab.open('pvc-1', 'dr-a');
    lab.clock.pass(31_000);
    expect([lab.unpublish('pvc-1', 'pri-a'), allowed()]).toEqual(['OK', undefined]);
  });

  test('a view of the last half minute does not show who has opened the volume since', () => {
    const lab = new CsiLab();
    lab.create('pvc-1');
    lab.there.listVolumes({});
    lab.open('pvc-1', 'pri-a');
    const allowed = (): unknown => lab.property('pvc-1', 'DrbdOptions/Net/allow-two-primaries');
    expect([lab.publish('pvc-1', 'dr-a', lab.there), allowed()]).toEqual(['OK', undefined]);
    // What the driver has changed itself makes it look again.
    expect([lab.publish('pvc-1', 'dr-a', lab.there), allowed()]).toEqual(['OK', 'yes']);
  });

  test('a node that LINSTOR does not know or reach is refused, the latter up to a minute late', () => {
    const lab = new CsiLab();
    lab.create('pvc-1');
    expect(lab.publish('pvc-1', 'node-x')).toBe(
      'NotFound: ControllerPublishVolume failed for pvc-1 on node node-x: 404 Not Found',
    );
    lab.linstor.satelliteLost('pri-a', { silent: false });
    expect(lab.publish('pvc-1', 'pri-a')).toBe('OK');
    lab.clock.pass(61_000);
    expect(lab.publish('pvc-1', 'pri-a')).toBe(
      'NotFound: ControllerPublishVolume failed for pvc-1 on node pri-a: node OFFLINE',
    );
  });
});

describe('DeleteVolume', () => {
  test('destroys the copies of both sites, the definition, and the group with the last volume of it', () => {
    const lab = new CsiLab();
    lab.create('pvc-1');
    lab.publish('pvc-1', 'pri-b');
    expect(lab.delete('pvc-1', { driver: lab.there })).toBe('OK');
    expect(lab.send('GET', '/v1/resource-definitions/pvc-1').status).toBe(404);
    expect(lab.get('/v1/resource-groups')).toHaveLength(1);
    expect(lab.kernel.resource('pvc-1')).toBeUndefined();
    expect(lab.delete('pvc-1')).toBe('OK');
  });

  test('waits while a replica is in use, and goes on when it is closed', () => {
    const lab = new CsiLab();
    lab.create('pvc-1');
    lab.open('pvc-1', 'pri-a');
    lab.clock.pass(31_000);
    expect(lab.delete('pvc-1')).toBe('waits 5000');
    lab.close('pvc-1', 'pri-a');
    expect(lab.delete('pvc-1', { goesOn: true })).toBe('waits 5000');
    lab.clock.pass(31_000);
    expect(lab.delete('pvc-1', { goesOn: true })).toBe('OK');
  });

  test('leaves the definition of a volume that has snapshots', () => {
    const lab = new CsiLab();
    lab.create('pvc-1');
    lab.send('POST', '/v1/resource-definitions/pvc-1/snapshots', { name: 'before' });
    expect(lab.delete('pvc-1')).toBe('OK');
    expect([lab.replicas('pvc-1'), lab.send('GET', '/v1/resource-definitions/pvc-1').status]).toEqual(['', 200]);
  });

  test('with a view from before the volume was opened, destroys the copy of the other site', () => {
    const lab = new CsiLab();
    lab.create('pvc-1');
    lab.there.listVolumes({});
    lab.open('pvc-1', 'pri-a');
    expect(lab.delete('pvc-1', { driver: lab.there })).toBe(
      "Internal: failed to delete volume: Message: 'Resource 'pvc-1' is still in use.'; Cause: 'Resource is mounted/in use.'; Details: 'Node: pri-a, Resource: pvc-1'; Correction: 'Un-mount resource 'pvc-1' on the node 'pri-a'.'",
    );
    expect(lab.replicas('pvc-1')).toBe('pri-a diskful');
  });

  test('succeeds while the satellite of the primary is away, and takes the copy from under it at its return', () => {
    const lab = new CsiLab();
    lab.create('pvc-1');
    lab.open('pvc-1', 'pri-a');
    lab.linstor.satelliteLost('pri-a', { silent: false });
    lab.clock.pass(31_000);
    expect(lab.delete('pvc-1', { driver: lab.there })).toBe('OK');
    expect(lab.kernel.replica('pvc-1', 'dr-a')).toBeUndefined();
    expect(lab.kernel.replica('pvc-1', 'pri-a')?.role).toBe('Primary');
  });
});
