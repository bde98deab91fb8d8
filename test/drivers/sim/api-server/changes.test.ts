import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../../src/model/kube.ts';
import { resources } from '../../../../src/model/kube.ts';
import type { ApiServer, Change } from '../../../../src/drivers/sim/api-server/api-server.ts';
import { admin, create, openServer, patch, remove } from './server-under-test.ts';

const { configMap } = resources;

type Step = readonly ['create' | 'patch' | 'remove', string];
const steps = fc.array(
  fc.tuple(fc.constantFrom('create', 'patch', 'remove'), fc.constantFrom('a', 'b', 'c')) as fc.Arbitrary<Step>,
  { maxLength: 20 },
);

function perform(server: ApiServer, [verb, name]: Step, index: number): void {
  if (verb === 'create') create(server, configMap, `metadata: { name: ${name} }`);
  if (verb === 'patch') patch(server, configMap, name, 'merge', { data: { x: String(index) } });
  if (verb === 'remove') remove(server, configMap, name);
}

function replay(start: readonly KubeObject[], changes: readonly Change[]): readonly KubeObject[] {
  const objects = new Map(start.map((object) => [object.metadata.name, object]));
  for (const { type, object } of changes) {
    if (type === 'DELETED') objects.delete(object.metadata.name);
    else objects.set(object.metadata.name, object);
  }
  return [...objects.values()].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

describe('changes', () => {
  test('replayed from any version give the present list', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const { server } = openServer();
        const moments: { readonly version: number; readonly list: readonly KubeObject[] }[] = [];
        sequence.forEach((step, index) => {
          moments.push({ version: server.version, list: server.list(configMap) });
          perform(server, step, index);
        });
        for (const { version, list } of moments) {
          const changes = server.changesSince(configMap, version);
          expect(changes).not.toBe('gone');
          expect(replay(list, changes as readonly Change[])).toEqual(server.list(configMap));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('grow in version, one by one, and are heard in that order', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const { server } = openServer();
        const start = server.version;
        const heard: Change[] = [];
        server.onChange((change) => heard.push(change));
        sequence.forEach((step, index) => perform(server, step, index));
        expect(heard.map(({ version }) => version)).toEqual(heard.map((_, index) => start + 1 + index));
        for (const { object, version } of heard) expect(object.metadata.resourceVersion).toBe(String(version));
        expect(server.version).toBe(start + heard.length);
      }),
      { numRuns: 50 },
    );
  });

  test('made by a listener are told after the one it heard', () => {
    const { server } = openServer();
    const heard: string[] = [];
    server.onChange(({ object }) => {
      if (object.metadata.name === 'first') create(server, configMap, 'metadata: { name: second }');
    });
    server.onChange(({ object }) => heard.push(object.metadata.name));
    create(server, configMap, 'metadata: { name: first }');
    expect(heard).toEqual(['first', 'second']);
  });

  test('are gone after compaction, and a listener that left hears nothing', () => {
    const { server } = openServer();
    const before = server.version;
    const heard: Change[] = [];
    const leave = server.onChange((change) => heard.push(change));
    create(server, configMap, 'metadata: { name: a }');
    leave();
    create(server, configMap, 'metadata: { name: b }');
    server.compact();
    expect(heard).toHaveLength(1);
    expect(server.changesSince(configMap, before)).toBe('gone');
    expect(server.changesSince(configMap, server.version)).toEqual([]);
  });

  test('of the same requests from the same seed are the same', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const [one, other] = [openServer().server, openServer().server];
        sequence.forEach((step, index) => {
          perform(one, step, index);
          perform(other, step, index);
        });
        expect(JSON.stringify(one.list(configMap))).toBe(JSON.stringify(other.list(configMap)));
      }),
      { numRuns: 20 },
    );
  });

  test('never alter an object that was handed out', () => {
    const { server } = openServer();
    create(server, configMap, 'metadata: { name: a, labels: { x: "1" } }\ndata: { k: v }');
    const handed = server.get(configMap, 'default', 'a');
    const text = JSON.stringify(handed);
    patch(server, configMap, 'a', 'merge', { metadata: { labels: { x: '2' } }, data: { k: 'w' } });
    const body = { metadata: { name: 'a' }, data: {} };
    server.request({ verb: 'update', resource: configMap, namespace: 'default', name: 'a', body }, admin);
    remove(server, configMap, 'a');
    expect(JSON.stringify(handed)).toBe(text);
  });
});
