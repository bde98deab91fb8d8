import { copiedFromLabel } from '../../src/model/definition-copy/marks.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timestamp } from '../../src/model/instant.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import { isPastReturn, operationHistory, virtualMachineOutcomes } from '../../src/model/operation-history.ts';

function operation(second: number, target: string, phase: string): KubeObject {
  return {
    apiVersion: 'siterecovery.trilio.io/v1alpha1',
    kind: 'Failover',
    metadata: { name: `pg-${second}`, namespace: 'default', creationTimestamp: timestamp(second * 1000) },
    spec: { protectionGroup: 'pg', sourceCluster: target === 'a' ? 'b' : 'a', targetCluster: target },
    status: { phase, startTime: timestamp(second * 1000) },
  };
}

function copyOf(object: KubeObject, site: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels: { [copiedFromLabel]: site } } };
}

const scenes = fc.uniqueArray(
  fc.record({
    second: fc.integer({ min: 1, max: 1_000_000 }),
    target: fc.constantFrom('a', 'b'),
    copied: fc.boolean(),
  }),
  { selector: ({ second }) => second, maxLength: 12 },
);

test('each operation is told once, newest first, as the site tells it that has driven it', () => {
  fc.assert(
    fc.property(scenes, fc.boolean(), (scene, targetsFirst) => {
      const held = ['a', 'b'].map((site) => ({
        site,
        objects: scene
          .filter(({ target, copied }) => copied || target === site)
          .map(({ second, target }) =>
            target === site
              ? operation(second, target, 'Succeeded')
              : copyOf(operation(second, target, 'NeedsAttention'), target),
          ),
      }));
      const told = operationHistory(targetsFirst ? held : held.toReversed());
      expect(told.map(({ id }) => id)).toEqual(
        scene.toSorted((x, y) => y.second - x.second).map(({ second }) => `pg-${second}`),
      );
      expect(told.every(({ phase }) => phase === 'Succeeded')).toBe(true);
      for (const { id, heldBy } of told) {
        const copied = scene.some(({ second, copied: both }) => both && id === `pg-${second}`);
        expect(heldBy).toHaveLength(copied ? 2 : 1);
      }
    }),
  );
});

test('only the operations of the group that is asked for are told', () => {
  const held = [{ site: 'a', objects: [operation(1, 'a', 'Failed')] }];
  expect(operationHistory(held, 'other')).toEqual([]);
  expect(operationHistory(held, 'pg')).toHaveLength(1);
});

test('the outcome of a VM is what the last step that was executed came to', () => {
  const vm = (state: string, message?: string) => ({
    name: 'vm',
    state,
    ...(message === undefined ? {} : { message }),
  });
  const object = {
    ...operation(1, 'a', 'NeedsAttention'),
    status: {
      steps: [
        { name: 'stopSource', state: 'done', virtualMachines: [vm('stopped')] },
        { name: 'startTarget', state: 'failed', startedAt: timestamp(0), virtualMachines: [vm('failed', 'no node')] },
        { name: 'monitorStartup', state: 'pending', virtualMachines: [vm('pending')] },
      ],
    },
  };
  expect(virtualMachineOutcomes(object)).toEqual([
    { name: 'vm', step: 'startTarget', state: 'failed', at: '', message: 'no node' },
  ]);
  expect(isPastReturn(object)).toBe(true);
  expect(isPastReturn(operation(1, 'a', 'Running'))).toBe(false);
});
