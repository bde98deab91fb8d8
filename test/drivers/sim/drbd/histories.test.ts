import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DrbdAdministration } from '../../../../src/drivers/sim/drbd/administration.ts';
import { DrbdLab } from './drbd-lab.ts';

const nodes = ['a', 'b', 'c', 'tb'];
const node = fc.constantFrom(...nodes);
const disk = fc.constantFrom('a', 'b', 'c');
const yes = fc.boolean();
type Step = (lab: DrbdLab) => unknown;

const administration: fc.Arbitrary<DrbdAdministration> = fc.oneof(
  fc.record({ kind: fc.constant('detach' as const), force: yes }),
  fc.record({ kind: fc.constant('attach' as const) }),
  fc.record({ kind: fc.constant('invalidate' as const), resetBitmap: yes }),
);

/** Everything that can happen to a resource, as acts. */
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(node, node).map(
    ([a, b]): Step =>
      (lab) =>
        a !== b && lab.cut(a, b),
  ),
  fc.tuple(node, node).map(
    ([a, b]): Step =>
      (lab) =>
        a !== b && lab.heal(a, b),
  ),
  fc.tuple(node, yes).map(
    ([a, on]): Step =>
      (lab) =>
        on ? lab.kernel.bootNode(a) : lab.kernel.crashNode(a),
  ),
  fc.tuple(node, yes).map(
    ([a, up]): Step =>
      (lab) =>
        up ? lab.kernel.up('vol', a) : lab.kernel.down('vol', a),
  ),
  node.map(
    (a): Step =>
      (lab) =>
        lab.open(a),
  ),
  node.map(
    (a): Step =>
      (lab) =>
        lab.close(a),
  ),
  node.map(
    (a): Step =>
      (lab) =>
        lab.write(a, 2),
  ),
  node.map(
    (a): Step =>
      (lab) =>
        lab.read(a),
  ),
  fc.tuple(node, yes).map(
    ([a, force]): Step =>
      (lab) =>
        lab.kernel.promote('vol', a, { force }),
  ),
  fc.tuple(node, yes).map(
    ([a, force]): Step =>
      (lab) =>
        lab.kernel.demote('vol', a, { force }),
  ),
  fc.tuple(node, node, yes).map(
    ([a, b, discardMyData]): Step =>
      (lab) =>
        a !== b && lab.kernel.connect('vol', a, b, { discardMyData }),
  ),
  fc.tuple(node, node).map(
    ([a, b]): Step =>
      (lab) =>
        a !== b && lab.kernel.disconnect('vol', a, b),
  ),
  fc.tuple(disk, administration).map(
    ([a, order]): Step =>
      (lab) =>
        lab.kernel.administer('vol', a, order),
  ),
  fc.tuple(disk, disk, yes).map(
    ([a, peer, fromStart]): Step =>
      (lab) =>
        a !== peer && lab.kernel.administer('vol', a, { kind: 'verify', peer, fromStart }),
  ),
  fc.tuple(disk, yes).map(
    ([a, isBroken]): Step =>
      (lab) =>
        lab.kernel.breakDisk('vol', a, isBroken),
  ),
  fc.constantFrom(10, 600, 12_000, 40_000).map(
    (span): Step =>
      (lab) =>
        lab.clock.pass(span),
  ),
);

const options = fc.record({
  quorum: fc.constantFrom('off' as const, 'majority' as const),
  'rr-conflict': fc.constantFrom('disconnect' as const, 'retry-connect' as const),
  'on-no-quorum': fc.constantFrom('suspend-io' as const, 'io-error' as const),
  'on-suspended-primary-outdated': fc.constantFrom('disconnect' as const, 'force-secondary' as const),
});

/** What is not at rest, or seen otherwise than it is. */
function inLimbo(lab: DrbdLab): string[] {
  return nodes.flatMap((from) =>
    [...lab.on(from).peers.values()].flatMap((view) => {
      const there = lab.on(view.node);
      const isConnected = view.connection === 'Connected';
      const isMutual = isConnected === (there.peers.get(from)!.connection === 'Connected');
      const isMoving = /^(WFBitMap|Sync|Verify)/.test(view.replication);
      const isRight = view.role === (isConnected ? there.role : 'Unknown');
      return isMutual && isRight && !isMoving ? [] : [`${from} ${view.node}: ${lab.link(from, view.node)}`];
    }),
  );
}

/** Writes that hang although nothing suspends I/O. */
function hangingWrites(lab: DrbdLab): string[] {
  return nodes.flatMap((node) => {
    const { role, suspended, inFlight } = lab.on(node);
    const isSuspended = Object.values(suspended).some((why) => why);
    return role === 'Primary' && !isSuspended ? inFlight.map(({ seq }) => `write ${seq} on ${node}`) : [];
  });
}

test('whatever was done to three disks and a tiebreaker: healed and left alone, everything comes to rest', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), options, fc.nat(), (steps, chosen, seed) => {
      const lab = new DrbdLab(nodes, chosen, seed);
      for (const act of steps) act(lab);
      for (const a of nodes) {
        lab.close(a);
        for (const b of nodes) if (a !== b) lab.heal(a, b);
        lab.kernel.bootNode(a);
        lab.kernel.up('vol', a);
      }
      lab.clock.pass(400_000);
      expect(inLimbo(lab)).toEqual([]);
      expect(hangingWrites(lab)).toEqual([]);
      expect(lab.clock.queue.size).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test('a write that waits for what the tiebreaker finds out goes on when it has found out', () => {
  const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
  lab.cut('a', 'b');
  lab.notice();
  lab.open('b');
  lab.cut('a', 'tb');
  expect(lab.write('b')).toBe('pending');
  lab.clock.pass(1_000);
  expect(lab.link('tb', 'a')).toContain('Connecting');
  expect(lab.on('b').inFlight).toEqual([]);
});
