import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copiedFrom } from '../../src/model/definition-copy/marks.ts';
import { isUnfinished } from '../../src/model/failover.ts';
import { timestamp } from '../../src/model/instant.ts';
import { at, type JsonObject, objectAt, textAt } from '../../src/model/json.ts';
import { known, unknown } from '../../src/model/known.ts';
import { type KubeObject, resources } from '../../src/model/kube.ts';
import { copyRequests, historyLimit, type HistoryView, removalRequests } from '../../src/model/operation-copies.ts';
import type { KubeRequest } from '../../src/model/request.ts';

const sites = ['cluster1', 'cluster2'] as const;
type Held = Readonly<Record<(typeof sites)[number], readonly KubeObject[]>>;

test('whatever ended where: both sites come to hold the newest, each once, with what it came to; what goes on is left', () => {
  fc.assert(
    fc.property(heldArbitrary(40), (held) => {
      const union = new Map([...held.cluster2, ...held.cluster1].map((object) => [object.metadata.name, object]));
      const settled = settle(held);
      const newest = [...union.values()].toSorted((a, b) => (startOf(a) < startOf(b) ? 1 : -1)).slice(0, historyLimit);
      for (const site of sites) {
        const names = settled[site].map(({ metadata }) => metadata.name);
        expect(new Set(names).size).toBe(names.length);
        for (const object of held[site]) if (isUnfinished(object)) expect(settled[site]).toContain(object);
        const wanted = newest.filter((object) => !isUnfinished(object) || held[site].includes(object));
        expect(names).toEqual(expect.arrayContaining(wanted.map(({ metadata }) => metadata.name)));
        for (const object of settled[site].filter((each) => copiedFrom(each) !== undefined)) {
          const original = union.get(object.metadata.name);
          expect(object.spec).toEqual(original?.spec);
          expect(textAt(object, 'status', 'phase')).toBe(textAt(original, 'status', 'phase'));
          expect(at(object, 'status', 'record')).toBeUndefined();
        }
      }
    }),
  );
});

test('nothing is removed while there are no more than a site keeps', () => {
  fc.assert(
    fc.property(heldArbitrary(historyLimit / 2), (held) => {
      for (const site of sites) expect(removalRequests(viewOf(settle(held), site))).toEqual([]);
    }),
  );
});

test('a site that does not answer is given nothing, and a site that cannot read its own gives nothing', () => {
  const mine = operation('a', 1, true);
  const silent: HistoryView = {
    site: 'cluster1',
    own: known([mine]),
    others: [{ site: 'cluster2', operations: unknown('no answer') }],
  };
  expect(copyRequests(silent)).toEqual([]);
  const blind: HistoryView = {
    ...silent,
    own: unknown('no answer'),
    others: [{ site: 'cluster2', operations: known([]) }],
  };
  expect([...copyRequests(blind), ...removalRequests(blind)]).toEqual([]);
});

test('a removal names what it was decided from', () => {
  const many = Array.from({ length: historyLimit + 1 }, (_each, index) => operation(`op-${index}`, index, true));
  const view: HistoryView = { site: 'cluster1', own: known(many), others: [] };
  expect(removalRequests(view)).toEqual([
    expect.objectContaining({
      verb: 'delete',
      name: 'op-0',
      options: { preconditions: { uid: 'uid-op-0', resourceVersion: '1' } },
    }),
  ]);
});

/** Carries out what is asked for until nothing is. */
function settle(held: Held): Held {
  for (let round = 0; round < 5; round++) {
    let changed = false;
    for (const site of sites) {
      const view = viewOf(held, site);
      for (const request of [...copyRequests(view), ...removalRequests(view)]) {
        held = { ...held, [request.site]: after(held[request.site as (typeof sites)[number]], request) };
        changed = true;
      }
    }
    if (!changed) return held;
  }
  throw new Error('it does not come to rest');
}

function viewOf(held: Held, site: (typeof sites)[number]): HistoryView {
  const others = sites.filter((other) => other !== site);
  return {
    site,
    own: known(held[site]),
    others: others.map((other) => ({ site: other, operations: known(held[other]) })),
  };
}

function after(objects: readonly KubeObject[], request: KubeRequest): readonly KubeObject[] {
  if (request.verb === 'create') return [...objects, request.body as unknown as KubeObject];
  if (request.verb === 'delete') return objects.filter(({ metadata }) => metadata.name !== request.name);
  return objects.map((object) =>
    object.metadata.name === request.name ? { ...object, status: objectAt(request.body, 'status') ?? {} } : object,
  );
}

function heldArbitrary(most: number): fc.Arbitrary<Held> {
  const one = fc.record({ onFirst: fc.boolean(), hasEnded: fc.boolean() });
  return fc.array(one, { maxLength: most }).map((drawn) => {
    const objects = drawn.map((each, index) => ({ ...each, object: operation(`op-${index}`, index, each.hasEnded) }));
    return {
      cluster1: objects.filter(({ onFirst }) => onFirst).map(({ object }) => object),
      cluster2: objects.filter(({ onFirst }) => !onFirst).map(({ object }) => object),
    };
  });
}

function operation(name: string, started: number, hasEnded: boolean): KubeObject {
  const status: JsonObject = { startTime: timestamp(1000 * started), record: { version: 1 } };
  return {
    apiVersion: 'siterecovery.trilio.io/v1alpha1',
    kind: resources.failover.kind,
    metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1' },
    spec: { protectionGroup: 'pg', targetCluster: 'cluster2' },
    status: { ...status, phase: hasEnded ? 'Succeeded' : 'Running' },
  };
}

function startOf(object: KubeObject): string {
  return textAt(object, 'status', 'startTime') ?? '';
}
