import { describe, expect, test } from 'vitest';
import { LinstorLab } from './linstor-lab.ts';

const quorum = 'DrbdOptions/Resource/quorum';

describe('who sets quorum and tiebreaker', () => {
  test('1 diskful: off; 2: a tiebreaker and majority; 3: majority without tiebreaker; back to 2: tiebreaker again', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a');
    expect([lab.property('vm', quorum), lab.replicas('vm')]).toEqual(['off', 'pri-a diskful']);
    lab.send('POST', '/v1/resource-definitions/vm/resources/dr-a', { resource: {} });
    expect([lab.property('vm', quorum), lab.replicas('vm')]).toEqual([
      'majority',
      'dr-a diskful, pri-a diskful, pri-b TIE_BREAKER',
    ]);
    lab.send('POST', '/v1/resource-definitions/vm/resources/pri-b', { resource: {} });
    expect([lab.property('vm', quorum), lab.replicas('vm')]).toEqual([
      'majority',
      'dr-a diskful, pri-a diskful, pri-b diskful',
    ]);
    lab.send('DELETE', '/v1/resource-definitions/vm/resources/pri-b');
    expect([lab.property('vm', quorum), lab.replicas('vm')]).toEqual([
      'majority',
      'dr-a diskful, pri-a diskful, pri-b TIE_BREAKER',
    ]);
  });

  test('deleting the tiebreaker by hand switches it off for the definition, and quorum with it', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a');
    const answer = lab.send('DELETE', '/v1/resource-definitions/vm/resources/pri-b');
    expect(lab.codes(answer)).toEqual(expect.arrayContaining(['4611686018481137426', '4611686018481137429']));
    expect(lab.property('vm', 'DrbdOptions/auto-add-quorum-tiebreaker')).toBe('False');
    expect([lab.property('vm', quorum), lab.replicas('vm')]).toEqual(['off', 'dr-a diskful, pri-a diskful']);
  });

  test("a person's quorum=off removes the tiebreaker, majority brings one back", () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a');
    lab.send('PUT', '/v1/resource-definitions/vm', { override_props: { [quorum]: 'off' } });
    expect(lab.replicas('vm')).toBe('dr-a diskful, pri-a diskful');
    lab.send('PUT', '/v1/resource-definitions/vm', { override_props: { [quorum]: 'majority' } });
    expect(lab.replicas('vm')).toBe('dr-a diskful, pri-a diskful, pri-b TIE_BREAKER');
  });

  test('one copy per site with two sites: no tiebreaker, quorum off; a client flips it, its removal flips it back', () => {
    const lab = new LinstorLab();
    const filter = { place_count: 2, replicas_on_different: ['Aux/site'] };
    lab.send('POST', '/v1/resource-groups', { name: 'sites', select_filter: filter });
    const wish = { resource_definition_name: 'pvc-1', volume_sizes: [20_480] };
    expect(lab.send('POST', '/v1/resource-groups/sites/spawn', wish).status).toBe(201);
    expect([lab.property('pvc-1', quorum), lab.replicas('pvc-1')]).toEqual(['off', 'dr-a diskful, pri-a diskful']);
    expect(lab.send('POST', '/v1/resource-definitions/pvc-1/resources/pri-b/make-available', {}).status).toBe(200);
    expect([lab.property('pvc-1', quorum), lab.kernel.replica('pvc-1', 'pri-a')!.options.quorum]).toEqual([
      'majority',
      'majority',
    ]);
    lab.send('DELETE', '/v1/resource-definitions/pvc-1/resources/pri-b');
    expect([lab.property('pvc-1', quorum), lab.replicas('pvc-1')]).toEqual(['off', 'dr-a diskful, pri-a diskful']);
  });
});

describe('volumes from a group', () => {
  test('spawn by a group answers as the volume was placed, or that there are not enough nodes', () => {
    const lab = new LinstorLab();
    const filter = { place_count: 2, storage_pool: 'pool', replicas_on_different: ['Aux/site'] };
    expect(lab.send('POST', '/v1/resource-groups', { name: 'rg', select_filter: filter }).status).toBe(201);
    const spawned = lab.send('POST', '/v1/resource-groups/rg/spawn', {
      resource_definition_name: 'q7',
      volume_sizes: [20_480],
    });
    expect(spawned.status).toBe(201);
    expect(lab.codes(spawned)).toEqual(expect.arrayContaining(['21233665', '-9223372036833541131']));
    const tooMany = lab.send('POST', '/v1/resource-groups/rg/spawn', {
      resource_definition_name: 'q8',
      volume_sizes: [20_480],
      select_filter: { place_count: 7 },
    });
    expect([tooMany.status, lab.codes(tooMany)]).toEqual([500, ['-4611686018406153244']]);
    expect(lab.send('GET', '/v1/resource-definitions/q8').status).toBe(404);
  });
});

describe('deleting a definition', () => {
  test('is refused while a connected satellite says that it is in use', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a');
    lab.kernel.open('vm', 'pri-a', 'pod', 'rw');
    lab.clock.pass(1000);
    const refused = lab.send('DELETE', '/v1/resource-definitions/vm');
    expect([refused.status, lab.codes(refused)]).toEqual([500, ['-4611686018373385243']]);
    expect(lab.kernel.replica('vm', 'dr-a')).toBeDefined();
  });

  /** The satellite of the Primary is offline when the definition is deleted. */
  function deletedWithout(lab: LinstorLab): void {
    lab.kernel.open('vm', 'pri-a', 'pod', 'rw');
    lab.clock.pass(1000);
    lab.linstor.satelliteLost('pri-a', { silent: false });
    expect(lab.send('DELETE', '/v1/resource-definitions/vm').status).toBe(200);
    expect(lab.get('/v1/resource-definitions/vm')).toMatchObject({ flags: ['DELETE'] });
  }

  test("without a tiebreaker destroys the reachable copy at once when the Primary's satellite is offline", () => {
    const lab = new LinstorLab({ 'DrbdOptions/auto-add-quorum-tiebreaker': 'False' });
    lab.define('vm', 'pri-a', 'dr-a');
    deletedWithout(lab);
    expect([lab.kernel.replica('vm', 'dr-a'), lab.kernel.replica('vm', 'pri-a')?.role]).toEqual([undefined, 'Primary']);
    lab.kernel.close('vm', 'pri-a', 'pod');
    lab.linstor.satelliteBack('pri-a');
    lab.clock.pass(3000);
    expect(lab.send('GET', '/v1/resource-definitions/vm').status).toBe(404);
    expect(lab.kernel.resource('vm')).toBeUndefined();
  });

  test('with a tiebreaker takes that away alone and waits; a use that shows at the return keeps the copies', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a');
    deletedWithout(lab);
    expect(lab.kernel.replica('vm', 'pri-b')).toBeUndefined();
    expect(lab.kernel.replica('vm', 'dr-a')?.disk).toBe('UpToDate');
    lab.linstor.satelliteBack('pri-a');
    lab.clock.pass(3000);
    expect(lab.replicas('vm')).toBe('dr-a diskful, pri-a diskful, pri-b TIE_BREAKER');
    expect(lab.get('/v1/resource-definitions/vm')).toMatchObject({ flags: ['DELETE'] });
  });
});

describe('satellites that do not answer', () => {
  test('offline: state, connections, score and may_promote are absent, never null', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a');
    lab.linstor.satelliteLost('pri-a', { silent: false });
    const [view] = lab.get('/v1/view/resources?nodes=pri-a') as never[];
    expect(view).not.toHaveProperty('state');
    expect(view).not.toHaveProperty(['volumes', 0, 'state']);
    for (const field of ['connections', 'promotion_score', 'may_promote']) {
      expect(view).not.toHaveProperty(['layer_object', 'drbd', field]);
    }
    expect(lab.get('/v1/nodes/pri-a')).toMatchObject({
      connection_status: 'OFFLINE',
      eviction_timestamp: 1_767_268_800_000,
    });
  });

  test('silent: for 7 s reads over it answer 500 without a message, and a change answers 500 and is stored', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a');
    lab.linstor.satelliteLost('pri-a');
    const view = lab.send('GET', '/v1/view/resources');
    expect([view.status, view.takes, lab.codes(view)]).toEqual([500, 7000, ['-4611686018427386906']]);
    expect((view.body as readonly object[])[0]).not.toHaveProperty('message');
    expect(lab.send('GET', '/v1/view/resources?nodes=dr-a').status).toBe(200);
    expect(lab.send('GET', '/v1/resource-definitions/vm/resources').status).toBe(200);
    expect(lab.send('PUT', '/v1/resource-definitions/vm', { override_props: { 'Aux/x': '1' } }).status).toBe(500);
    expect(lab.property('vm', 'Aux/x')).toBe('1');
    lab.clock.pass(7000);
    expect(lab.get('/v1/nodes/pri-a')).toMatchObject({ connection_status: 'OFFLINE' });
    expect(lab.send('GET', '/v1/view/resources').status).toBe(200);
    lab.linstor.satelliteBack('pri-a');
    lab.clock.pass(2200);
    expect(lab.get('/v1/view/resources?nodes=pri-a')).toMatchObject([{ state: { in_use: false } }]);
  });
});
