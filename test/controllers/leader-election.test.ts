import { expect, test } from 'vitest';
import { LeaderElection } from '../../src/controllers/leader-election.ts';
import { second } from '../../src/model/instant.ts';
import { type JsonObject, textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import type { ApiRequest, Outcome } from '../../src/model/request.ts';
import { livePorts } from '../runtime/live-ports.ts';
import { protectedTwin } from '../twin/protected-group.ts';

const place = { namespace: 'default', name: 'some-controller' };

/** A process that may become the leader of a cluster in virtual time, and the world around it. */
function candidate(answerInstead?: (order: ApiRequest) => Outcome | undefined) {
  const twin = protectedTwin();
  const { driver, clock } = livePorts(twin, answerInstead);
  const told: string[] = [];
  const tell = (message: string): void => void told.push(message);
  const log = { debug: tell, info: tell, warn: tell, error: tell };
  const election = new LeaderElection({
    ...place,
    site: 'cluster1',
    identity: 'me',
    driver,
    clock,
    random: () => 0,
    log,
  });
  const { api } = twin.world.cluster('cluster1');
  const holder = (): string | undefined =>
    textAt(api.get(resources.lease, place.namespace, place.name), 'spec', 'holderIdentity');
  const give = (spec: JsonObject): void => {
    const { namespace, name } = place;
    const { lease: resource } = resources;
    const answer =
      holder() === undefined
        ? api.request({ verb: 'create', resource, namespace, body: { metadata: place, spec } })
        : api.request({ verb: 'patch', patch: 'merge', resource, namespace, name, body: { spec } });
    expect(answer.status).toBeLessThan(300);
  };
  return { election, clock, holder, give, told };
}

/** Resolves when it is over or to end. Virtual time passes meanwhile, without the machine's loop ever being idle. */
async function until(signal: AbortSignal, isOver: () => boolean): Promise<void> {
  while (!signal.aborted && !isOver()) await Promise.resolve();
}

test('a free Lease is taken, renewed while the work goes on, and let go of after it', async () => {
  const { election, clock, holder } = candidate();
  const ending = new AbortController();
  const startedAt = clock.now();
  await election.run(async (signal) => {
    expect(holder()).toBe('me');
    await until(signal, () => clock.now() - startedAt > 60 * second);
    expect(election.mayAct).toBe(true);
    ending.abort();
  }, ending.signal);
  expect(holder()).toBe('');
  expect(election.mayAct).toBe(false);
});

test('who does not renew is succeeded after the whole duration of the Lease, by the own clock', async () => {
  const { election, clock, give } = candidate();
  // Its clock is an hour behind: compared with nothing.
  give({ holderIdentity: 'other', leaseDurationSeconds: 15, renewTime: '2020-01-01T00:00:00.000000Z' });
  const ending = new AbortController();
  const startedAt = clock.now();
  await election.run(async () => ending.abort(), ending.signal);
  expect(clock.now() - startedAt).toBeGreaterThanOrEqual(15 * second);
  expect(clock.now() - startedAt).toBeLessThan(25 * second);
});

test('who finds the Lease with another may change nothing from then on, and is told to end', async () => {
  const { election, give, holder, told } = candidate();
  const ending = new AbortController();
  await election.run(async (signal) => {
    give({ holderIdentity: 'other', leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000000Z' });
    await until(signal, () => false);
    expect(election.mayAct).toBe(false);
    ending.abort();
  }, ending.signal);
  expect(holder()).toBe('other');
  expect(told).toContain('leader_lost');
});

test('who cannot renew stops before another may begin', async () => {
  let isSilent = false;
  const silence: Outcome = { kind: 'unknown', reason: 'timeout', message: 'no answer' };
  const { election, clock } = candidate(() => (isSilent ? silence : undefined));
  const ending = new AbortController();
  await election.run(async (signal) => {
    isSilent = true;
    const silentSince = clock.now();
    await until(signal, () => false);
    expect(election.mayAct).toBe(false);
    expect(clock.now() - silentSince).toBeLessThanOrEqual(11 * second);
    ending.abort();
  }, ending.signal);
});
