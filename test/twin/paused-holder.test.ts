import { expect, test } from 'vitest';
import type { ApiRequest, KubeRequest } from '../../src/model/request.ts';
import { minute } from '../../src/model/instant.ts';
import { at, textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { watchGroundTruth } from '../../src/twin/ground-truth.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { members, plannedRequest, protectedTwin, runToEnd, startPlanned } from './protected-group.ts';

const request = plannedRequest('away', 'cluster1', 'cluster2');

/** Effects are told apart by what they change and to what; renewals of one Lease are all the same. */
function effectOf({ site, verb, resource, name, body }: KubeRequest): string {
  const status = Array.isArray(body) ? body.find((op) => at(op, 'path') === '/status') : undefined;
  const state = textAt(status, 'value', 'record', 'state') ?? textAt(body, 'spec', 'desiredState') ?? '';
  const renews = Array.isArray(body) ? body.map((op) => textAt(op, 'path') ?? '').join(' ') : '';
  return [site, verb, resource.plural, name ?? '', state, state === '' ? renews : ''].join(' ').trim();
}

function isChange(sent: ApiRequest): sent is KubeRequest {
  return sent.api === 'kube' && sent.verb !== 'get' && sent.verb !== 'list';
}

/**
 * A protected group whose target node gets a quorum taint just before taints are looked at, so that there is one to take off;
 * `meet` is asked about each change that pgctl sends, and keeps it from getting through by a false.
 */
function twinThatMeets(meet: (effect: string, sent: KubeRequest) => boolean): Twin {
  const twin = protectedTwin();
  twin.hosts.wires.add({
    answer: ({ request: sent, from }, perform) => {
      if (from !== 'operator' || !isChange(sent)) return perform();
      const effect = effectOf(sent);
      if (!meet(effect, sent)) return { kind: 'hang' };
      if (effect.endsWith('away removingTaints')) addTaint(twin);
      return perform();
    },
  });
  return twin;
}

function addTaint({ world }: Twin): void {
  world.cluster('cluster2').api.request({
    verb: 'patch',
    patch: 'merge',
    resource: resources.node,
    name: 'cluster2-node-1',
    body: { spec: { taints: [{ key: 'drbd.linbit.com/lost-quorum', effect: 'NoSchedule' }] } },
  });
}

/** What a failover changes at a calm time, each effect once. */
function effectsOfAFailover(): readonly string[] {
  const found = new Set<string>();
  const twin = twinThatMeets((effect) => {
    found.add(effect);
    return true;
  });
  startPlanned(twin, request);
  expect(runToEnd(twin, request)).toBe('Succeeded');
  return [...found];
}

const effects = effectsOfAFailover();

test('a failover has effects on Leases, its journal, both groups and a node', () => {
  for (const part of [
    'leases',
    'failovers',
    'cluster1 patch protectiongroups',
    'cluster2 patch protectiongroups',
    'nodes',
  ])
    expect(effects.join('\n')).toContain(part);
});

test.each(effects)(
  'who stalled before "%s" is succeeded, and refused when it wakes after the next operation',
  (effect) => {
    let stalled: KubeRequest | undefined;
    const twin = twinThatMeets((met, sent) => {
      if (stalled !== undefined || met !== effect) return true;
      stalled = sent;
      twin.hosts.remove('pgctl/away');
      return false;
    });
    const truth = watchGroundTruth(twin);
    startPlanned(twin, request);
    expect(runToEnd(twin, request)).toBe('Succeeded');
    expect(truth.starts.toSorted()).toEqual(members.map((vm) => `${vm} on cluster2`));
    twin.world.runUntil(twin.world.now + minute);
    const home = plannedRequest('home', 'cluster2', 'cluster1');
    startPlanned(twin, home);
    expect(runToEnd(twin, home)).toBe('Succeeded');

    if (stalled === undefined) throw new Error(`${effect} was never sent`);
    const versions = (): readonly number[] => [...twin.world.clusters.values()].map(({ api }) => api.version);
    const before = versions();
    expect(twin.world.perform(stalled, 'operator')).toMatchObject({ kind: 'refused' });
    expect(versions()).toEqual(before);
    expect(truth.breaches).toEqual([]);
  },
);
