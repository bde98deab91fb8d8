import { expect, test } from 'vitest';
import type { Answer, LocalRequest } from '../../src/drivers/sim/behaviour.ts';
import { resources } from '../../src/model/kube.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { answersOf } from '../machines/scene-answers.ts';
import { calmScene } from '../machines/scene.ts';
import { failoverDefinition } from '../../src/machines/failover/definition.ts';
import { decide } from '../../src/runtime/pass.ts';
import { begin } from '../../src/runtime/step.ts';
import { newFailover } from '../../src/model/failover.ts';
import { plannedRequest, protectedTwin, runToEnd, startPlanned } from '../twin/protected-group.ts';

test('a driver whose journal write met a busy API server goes on', () => {
  const twin = protectedTwin();
  const request = plannedRequest('away', 'cluster1', 'cluster2');
  let refusals = 0;
  refuseStatusWrites(twin, () => ++refusals === 3);
  const drive = startPlanned(twin, request);
  expect(runToEnd(twin, request)).toBe('Succeeded');
  expect(refusals).toBeGreaterThan(3);
  expect(drive.end).toBe('ended');
});

test('whoever cannot read the journal does not begin anew', () => {
  const request = { ...plannedRequest('pg-1', 'cluster1', 'cluster2') };
  const held = { holder: 'me', renewedAt: calmScene().now };
  const scene = calmScene();
  const sites = Object.fromEntries(
    Object.entries(scene.sites).map(([name, site]) => [name, { ...site, lease: held, silent: ['operation' as const] }]),
  );
  const input = { request, holder: 'me', otherSites: ['cluster3'], patient: true, now: scene.now };
  const { record } = begin(failoverDefinition, input, scene.now);
  const plan = failoverDefinition.reads(record.state, record.context);
  const operation = newFailover(request);
  const silent = answersOf({ ...scene, sites, operation }, plan);
  expect(decide(failoverDefinition, record, plan, silent, scene.now).record.state).toBe('acquiringLease');
});

/** Answers writes of the operation's status with 429 where it is told to. */
function refuseStatusWrites({ world }: Twin, isBusy: () => boolean): void {
  const { api } = world.cluster('cluster2');
  const answer = api.request.bind(api);
  api.request = (request: LocalRequest, ...rest): Answer => {
    const isStatus = request.resource.plural === resources.failover.plural && request.subresource === 'status';
    if (!isStatus || !isBusy()) return answer(request, ...rest);
    const body = { kind: 'Status', apiVersion: 'v1', reason: 'TooManyRequests', message: 'too many requests' };
    return { status: 429, body };
  };
}
