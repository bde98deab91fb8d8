import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/model/kube.ts';
import { placementOf, type Demand, roomOnNodes, shortages } from '../../../src/model/scheduling/node-room.ts';
import type { Amounts } from '../../../src/model/scheduling/pod-requests.ts';

describe('room on nodes', () => {
  const node = (name: string, memory: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: { allocatable: { cpu: '2', memory, pods: '3' } },
  });
  const pod = (nodeName: string | undefined, phase: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pod' },
    spec: { ...(nodeName && { nodeName }), containers: [{ resources: { requests: { cpu: '500m', memory: '1Gi' } } }] },
    status: { phase },
  });

  test('is what they can give, less what the pods on them request that have not ended', () => {
    const pods = [
      pod('a', 'Running'),
      pod('a', 'Pending'),
      pod('a', 'Succeeded'),
      pod('b', 'Failed'),
      pod(undefined, 'Pending'),
    ];
    expect(roomOnNodes([node('a', '4Gi'), node('b', '1Gi')], pods)).toEqual(
      new Map([
        ['a', { cpu: 1000, memory: 2 * 2 ** 30, pods: 1 }],
        ['b', { cpu: 2000, memory: 2 ** 30, pods: 3 }],
      ]),
    );
  });

  test('is not told of a node that does not say what it can give', () => {
    const silent: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } };
    expect([...roomOnNodes([silent], []).keys()]).toEqual([]);
  });
});

describe('placement', () => {
  const amounts = fc.record({ cpu: fc.integer({ min: 0, max: 4 }), memory: fc.integer({ min: 0, max: 6 }) });
  const nodes = ['a', 'b', 'c'];
  const rooms = fc
    .tuple(...nodes.map(() => amounts))
    .map((all) => new Map(nodes.map((node, index) => [node, all[index] as Amounts])));
  const demands = fc.array(
    fc.record({ name: fc.constant('vm'), requests: amounts, nodes: fc.subarray(nodes, { minLength: 1 }) }),
    { maxLength: 5 },
  );

  /** Tries every way. */
  function canBePlaced([first, ...rest]: readonly Demand[], left: ReadonlyMap<string, Amounts>): boolean {
    if (first === undefined) return true;
    return first.nodes.some((node) => {
      const room = left.get(node) ?? {};
      if (shortages(first.requests, room).length > 0) return false;
      const after = Object.fromEntries(
        Object.entries(room).map(([name, amount]) => [name, amount - (first.requests[name] ?? 0)]),
      );
      return canBePlaced(rest, new Map([...left, [node, after]]));
    });
  }

  test('fits only where there is a way, and says no only where there is none', () => {
    fc.assert(
      fc.property(demands, rooms, (all, left) => {
        const { kind } = placementOf(all, left);
        if (kind === 'fits') expect(canBePlaced(all, left)).toBe(true);
        if (kind === 'noRoomFor' || kind === 'tooMany') expect(canBePlaced(all, left)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('names the one that fits nowhere, or the resource of which there is too little', () => {
    const left = new Map([['a', { cpu: 4, memory: 4 }]]);
    const small = { name: 'small', requests: { cpu: 3, memory: 1 }, nodes: ['a'] };
    const large = { name: 'large', requests: { cpu: 1, memory: 5 }, nodes: ['a'] };
    expect(placementOf([small, large], left)).toEqual({ kind: 'noRoomFor', demand: large });
    expect(placementOf([small, small], left)).toEqual({ kind: 'tooMany', resource: 'cpu', requested: 6, left: 4 });
    expect(placementOf([small], left)).toEqual({ kind: 'fits' });
  });
});
