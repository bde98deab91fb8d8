import { expect, test } from 'vitest';
import { sightOf } from '../../../src/drills/looks.ts';
import type { Stage } from '../../../src/drills/stage.ts';
import type { Json } from '../../../src/model/json.ts';
import { resources } from '../../../src/model/kube.ts';
import { newLease } from '../../../src/model/lease.ts';
import { record } from './deeds.ts';
import { judged, patchOf } from './judged.ts';

const holder = 'pgctl/away';

test('S25: a renewal is judged by what its sender had seen when it sent it, however late it arrives', () => {
  const lateBy = (sentAfter: number): readonly string[] =>
    judged('S25', (stage) => {
      const taken = succeed(stage);
      const { world } = stage.twin;
      world.runUntil(taken + 3_000);
      stage.sights.note(sightOf(holder, 'cluster2', resources.lease), world.now);
      world.runUntil(taken + 20_000);
      const request = patchOf('cluster2', resources.lease, 'site-recovery-pg', [
        { op: 'test', path: '/spec/holderIdentity', value: holder },
        { op: 'replace', path: '/spec/renewTime', value: 'now' },
      ]);
      const outcome = { kind: 'refused', status: 422, message: 'the test failed', reason: 'Invalid' } as never;
      stage.onRequest.tell({ host: holder, request, outcome, sentAt: taken + sentAfter });
    }).broken;
  expect(lateBy(1_000)).toEqual([]);
  expect(lateBy(4_000)).toEqual([`${holder} acts while another holds site-recovery-pg on cluster2`]);
});

/** Somebody else takes the group's Lease a while after the operation's driver has looked. Answers when. */
function succeed(stage: Stage): number {
  const { world } = stage.twin;
  for (const id of stage.twin.hosts.ids()) stage.twin.hosts.remove(id);
  record(stage);
  stage.sights.note(sightOf(holder, 'cluster2', resources.lease), world.now);
  world.runUntil(world.now + 2_000);
  const body = newLease('pg', 'default', 'another', world.wall()) as unknown as Json;
  world.cluster('cluster2').api.request({ verb: 'create', resource: resources.lease, namespace: 'default', body });
  return world.now;
}
