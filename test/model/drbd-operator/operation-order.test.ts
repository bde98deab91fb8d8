import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drbdCommands } from '../../../src/model/drbd-command.ts';
import { guardedCommand } from '../../../src/model/drbd-order.ts';
import type { KubeRequest } from '../../../src/model/request.ts';

const agent = { site: 'cluster2', node: 'b', namespace: 'drbd-operator', pod: 'drbd-agent-b', agent: 'uid-1' };
const seen = { resource: 'vol', role: 'Secondary' } as const;

function ordered(after: string, given: Partial<typeof agent> = {}): string {
  const request = guardedCommand({ ...agent, ...given }, seen, drbdCommands.connect('vol', 'a'), after) as KubeRequest;
  return (request.body as { metadata: { name: string } }).metadata.name;
}

describe('an order to DRBD Operator', () => {
  test('is a DRBDOperation on the cluster of the node, with what must be so', () => {
    const generation = { peer: 'a', peerNodeId: 0, current: 'CD811A0335988BEC' };
    expect(
      guardedCommand(agent, { ...seen, generation }, drbdCommands.connectDiscarding('vol', 'a'), ''),
    ).toMatchObject({
      api: 'kube',
      site: 'cluster2',
      verb: 'create',
      resource: { plural: 'drbdoperations' },
      body: {
        spec: {
          volume: 'vol',
          node: 'b',
          type: 'ConnectDiscarding',
          peer: 'a',
          precondition: { role: 'Secondary', generation: { peer: 'a', current: 'CD811A0335988BEC' } },
        },
      },
    });
  });

  test('has one name for as long as the node reports the same last operation, and another afterwards', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(ordered(one) === ordered(other)).toBe(one === other);
      }),
    );
    expect(ordered('x')).toMatch(/^[a-z0-9-]{1,63}$/);
  });

  test('is another order to the agent that has followed on the same node', () => {
    expect(ordered('x', { agent: 'uid-2' })).not.toBe(ordered('x'));
  });
});
