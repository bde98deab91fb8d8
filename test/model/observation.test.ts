import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { known } from '../../src/model/known.ts';
import { objectReadingOf, observationOf, readingOf, storageReadingOf } from '../../src/model/observation.ts';
import { planSiteReads, planStorageReads } from '../../src/model/read-plan.ts';
import type { Outcome } from '../../src/model/request.ts';

const scope = { namespace: 'prod', group: 'pg', operation: 'pg-1' };
const applied = (body: Json): Outcome => ({ kind: 'applied', status: 200, body });
const notFound = (name?: string): Outcome => ({
  kind: 'refused',
  status: 404,
  reason: 'NotFound',
  message: 'not found',
  body: { details: name === undefined ? {} : { name } },
});
const timedOut: Outcome = { kind: 'unknown', reason: 'timeout', message: 'cluster1 did not answer within 5 s' };
const forbidden: Outcome = { kind: 'refused', status: 403, reason: 'Forbidden', message: 'nodes is forbidden' };

describe('a plan of reads', () => {
  test('names one object where there is one, and lists the namespace or the cluster else', () => {
    const requests = planSiteReads('cluster1', ['group', 'lease', 'namespace', 'pods', 'nodes'], scope).map(
      ({ request }) => request,
    );
    expect(requests).toMatchObject([
      { verb: 'get', name: 'pg', namespace: 'prod' },
      { verb: 'get', name: 'site-recovery-pg', namespace: 'prod' },
      { verb: 'get', name: 'prod' },
      { verb: 'list', namespace: 'prod' },
      { verb: 'list' },
    ]);
    expect(requests[2]).not.toHaveProperty('namespace');
    expect(requests[4]).not.toHaveProperty('namespace');
  });
});

describe('an observation', () => {
  const plan = planSiteReads('cluster1', ['group', 'pods', 'nodes'], scope);
  const of = (...outcomes: readonly Outcome[]) => observationOf(plan, outcomes, 1);

  test('holds what was answered', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } };
    const group = { apiVersion: 'x/v1', kind: 'ProtectionGroup', metadata: { name: 'pg' } };
    const observation = of(applied(group), applied({ items: [pod] }), applied({ items: [] }));
    expect(objectReadingOf(observation, 'cluster1', 'group')).toEqual(known(group));
    expect(readingOf(observation, 'cluster1', 'pods')).toEqual(known([pod]));
    expect(readingOf(observation, 'cluster1', 'nodes')).toEqual(known([]));
  });

  test('knows an object to be absent only when the site names it as not found', () => {
    const gone = of(notFound('pg'), applied({ items: [] }), applied({ items: [] }));
    expect(objectReadingOf(gone, 'cluster1', 'group')).toEqual(known(undefined));
    expect(gone.sites.cluster1?.missingTypes).toEqual([]);
  });

  test('tells a type that is not served from an object that is not there', () => {
    const untyped = of(notFound(), applied({ items: [] }), applied({ items: [] }));
    expect(objectReadingOf(untyped, 'cluster1', 'group').known).toBe(false);
    expect(untyped.sites.cluster1?.missingTypes).toEqual(['protectiongroups.siterecovery.trilio.io']);
  });

  test('keeps what was not answered, refused or not asked for as unknown, with the reason', () => {
    const observation = of(timedOut, forbidden);
    expect(readingOf(observation, 'cluster1', 'group')).toMatchObject({
      known: false,
      why: expect.stringContaining('did not answer within 5 s'),
    });
    expect(readingOf(observation, 'cluster1', 'pods')).toMatchObject({
      known: false,
      why: expect.stringContaining('nodes is forbidden'),
    });
    expect(readingOf(observation, 'cluster1', 'nodes').known).toBe(false);
    expect(readingOf(observation, 'cluster1', 'claims').known).toBe(false);
    expect(readingOf(observation, 'cluster2', 'pods').known).toBe(false);
  });

  test('holds the storage apart from the sites', () => {
    const storage = planStorageReads(['linstorResources', 'linstorNodes']);
    const observation = observationOf(storage, [applied([]), timedOut], 1);
    expect(storageReadingOf(observation, 'linstorResources')).toEqual(known([]));
    expect(storageReadingOf(observation, 'linstorNodes').known).toBe(false);
    expect(storageReadingOf(observation, 'linstorProperties').known).toBe(false);
  });
});
