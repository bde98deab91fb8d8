import { describe, expect, test } from 'vitest';
import type { LinstorAnswer } from '../../../../src/drivers/sim/linstor/answer.ts';
import { at, type Json } from '../../../../src/model/json.ts';
import { LinstorLab } from './linstor-lab.ts';

const path = '/v1/resource-definitions/vm/snapshots';

const messages = (answer: LinstorAnswer): unknown[] =>
  (answer.body as readonly Json[]).map((each) => at(each, 'message'));

/** `vm`: disks on pri-a and dr-a, a tiebreaker on pri-b. */
function lab(): LinstorLab {
  const made = new LinstorLab();
  made.define('vm', 'pri-a', 'dr-a');
  return made;
}

describe('a snapshot', () => {
  test('is taken wherever there is a disk, and keeps its definition until it is deleted', () => {
    const world = lab();
    expect(world.send('POST', path, { name: 'before' }).status).toBe(201);
    expect(world.get('/v1/view/snapshots')).toMatchObject([
      { name: 'before', resource_name: 'vm', nodes: ['dr-a', 'pri-a'], volume_definitions: [{ volume_number: 0 }] },
    ]);
    const refused = world.send('DELETE', '/v1/resource-definitions/vm');
    expect([refused.status, messages(refused)]).toEqual([
      500,
      ["Cannot delete resource definition 'vm' because it has snapshots."],
    ]);
    expect(world.send('DELETE', `${path}/before`).status).toBe(200);
    expect(world.send('DELETE', '/v1/resource-definitions/vm').status).toBe(200);
  });

  test('leaves offline satellites out, and is refused where none with a disk is in reach', () => {
    const world = lab();
    world.linstor.satelliteLost('pri-a', { silent: false });
    const answer = world.send('POST', path, { name: 'half' });
    expect([answer.status, messages(answer)[0]]).toEqual([
      201,
      "Snapshot for resource 'vm' will not be created on node 'pri-a' because that node is currently offline.",
    ]);
    expect(world.get(`${path}/half`)).toMatchObject({ nodes: ['dr-a'] });
    world.linstor.satelliteLost('dr-a', { silent: false });
    expect(world.codes(world.send('POST', path, { name: 'none' }))).toEqual(['-4611686018409823261']);
  });

  test('is not taken of a replica without a disk', () => {
    const answer = lab().send('POST', path, { name: 'diskless', nodes: ['pri-b'] });
    expect([answer.status, messages(answer)]).toEqual([
      500,
      ["Cannot create snapshot from diskless resource on node 'pri-b'"],
    ]);
  });

  test('goes from an offline satellite when it is back', () => {
    const world = lab();
    world.send('POST', path, { name: 'before' });
    world.linstor.satelliteLost('pri-a', { silent: false });
    expect(messages(world.send('DELETE', `${path}/before`))).toContain("No active connection to satellite 'pri-a'");
    expect(world.get(`${path}/before`)).toMatchObject({ nodes: ['pri-a'], flags: ['SUCCESSFUL', 'DELETE'] });
    world.linstor.satelliteBack('pri-a');
    world.clock.pass(60_000);
    expect(world.get('/v1/view/snapshots')).toEqual([]);
  });

  test('goes from the named node alone', () => {
    const world = lab();
    world.send('POST', path, { name: 'before' });
    world.linstor.request({ method: 'DELETE', path: `${path}/before`, query: { nodes: 'dr-a' } });
    expect(world.get(`${path}/before`)).toMatchObject({ nodes: ['pri-a'] });
  });
});
