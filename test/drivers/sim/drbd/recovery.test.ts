import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DrbdLab } from './drbd-lab.ts';

describe('planned stop and loss of nodes', () => {
  test('2 diskful, quorum off, planned: A closes, B opens and writes, nothing is resynced', () => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.write('a', 5);
    lab.close('a');
    expect(lab.open('b')).toBe('open');
    lab.write('b', 5);
    expect(lab.link('b', 'a')).toBe('Connected/Secondary/Established/UpToDate');
    expect(lab.on('a').data).toEqual([1, 10]);
  });

  test('A dies as Primary, nobody promotes: it comes back as the target, the generation stays', () => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.write('a', 5);
    const generation = lab.on('b').metadata.current;
    lab.kernel.crashNode('a');
    lab.notice();
    expect(lab.state('b')).toBe('Secondary UpToDate quorum');
    lab.kernel.bootNode('a');
    lab.clock.pass(100);
    expect(lab.link('a', 'b')).toBe('Connected/Secondary/SyncTarget/UpToDate');
    lab.settle();
    expect(lab.state('a')).toBe('Secondary UpToDate quorum');
    expect(lab.on('b').metadata.current).toBe(generation);
  });

  test('A dies as Primary, B goes on: A returns as the target of B and lacks nothing', () => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.write('a', 5);
    lab.kernel.crashNode('a');
    lab.notice();
    lab.open('b');
    lab.write('b', 4);
    lab.kernel.bootNode('a');
    lab.settle();
    expect(lab.link('b', 'a')).toBe('Connected/Secondary/Established/UpToDate');
    expect(lab.kernel.missingCount('vol', 'a')).toBe(0);
  });

  test('B is the target of a resync when A is lost: Inconsistent, not promotable, forced only with mixed data', () => {
    const lab = new DrbdLab(['a', 'b'], { 'c-max-rate': 10 });
    lab.open('a');
    lab.kernel.disconnect('vol', 'b', 'a');
    lab.write('a', 100);
    lab.kernel.connect('vol', 'b', 'a');
    lab.clock.pass(20_000);
    expect(lab.link('b', 'a')).toBe('Connected/Primary/SyncTarget/UpToDate');
    lab.kernel.crashNode('a');
    lab.notice();
    expect(lab.state('b')).toBe('Secondary Inconsistent quorum');
    expect(lab.kernel.promote('vol', 'b')).toMatchObject({ exit: 17, code: -2 });
    expect(lab.code(lab.kernel.outdate('vol', 'b'))).toBe(-16);
    expect(lab.kernel.promote('vol', 'b', { force: true }).exit).toBe(0);
    const lost = lab.kernel.missingCount('vol', 'b');
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(100);
  });

  test('an orderly disconnect outdates the Secondary, with quorum off too; connecting again cures it', () => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.kernel.disconnect('vol', 'a', 'b');
    expect([lab.state('b'), lab.link('a', 'b'), lab.link('b', 'a')]).toEqual([
      'Secondary Outdated quorum',
      'StandAlone/Unknown/Off/DUnknown',
      'Connecting/Unknown/Off/DUnknown',
    ]);
    lab.kernel.connect('vol', 'a', 'b');
    lab.settle();
    expect(lab.state('b')).toBe('Secondary UpToDate quorum');
  });

  test('tiebreaker at a third site, only A and B cut: B is Outdated and stays so after A has closed', () => {
    const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
    lab.open('a');
    lab.cut('a', 'b');
    lab.notice();
    expect([lab.state('b'), lab.link('a', 'b')]).toEqual([
      'Secondary Outdated quorum',
      'Connecting/Unknown/Off/Outdated',
    ]);
    lab.close('a');
    expect(lab.state('b')).toBe('Secondary Outdated quorum');
    expect(lab.open('b')).toBe('pending');
    lab.clock.pass(2000);
    expect(lab.open('b')).toBe('EROFS');
    lab.heal('a', 'b');
    lab.settle();
    expect(lab.state('b')).toBe('Secondary UpToDate quorum');
  });

  test('3 diskful, one link cut: B follows again from C once A has let go', () => {
    const lab = new DrbdLab(['a', 'b', 'c']);
    lab.open('a');
    lab.write('a', 2);
    lab.cut('a', 'b');
    lab.notice();
    lab.write('a', 3);
    expect(lab.state('b')).toBe('Secondary Outdated quorum');
    lab.close('a');
    lab.settle();
    expect(lab.state('b')).toBe('Secondary UpToDate quorum');
    expect(lab.kernel.missingCount('vol', 'b')).toBe(0);
  });

  test('a cut is noticed between 5.4 and 11.2 s later', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
        const lab = new DrbdLab(['a', 'b'], {}, seed);
        lab.cut('a', 'b');
        lab.clock.pass(5399);
        expect(lab.link('a', 'b')).toBe('Connected/Secondary/Established/UpToDate');
        lab.clock.pass(5801);
        expect(lab.link('a', 'b')).toBe('Connecting/Unknown/Off/DUnknown');
      }),
      { numRuns: 30 },
    );
  });

  test('nothing is pending while nothing changes', () => {
    const lab = new DrbdLab(['a', 'b', 'c', 'tb'], { quorum: 'majority' });
    lab.open('a');
    lab.write('a', 100);
    expect(lab.clock.queue.size).toBe(0);
  });
});

interface Step {
  readonly kind: 'open' | 'close' | 'write' | 'read' | 'crash' | 'boot' | 'cut' | 'heal' | 'wait';
  readonly node: 'a' | 'b';
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('open', 'close', 'write', 'read', 'crash', 'boot', 'cut', 'heal', 'wait'),
    node: fc.constantFrom('a', 'b'),
  }),
  { maxLength: 25 },
);

function play(lab: DrbdLab, taken: readonly Step[], after: () => void = () => {}): void {
  for (const step of taken) {
    if (step.kind === 'cut') lab.cut('a', 'b');
    else if (step.kind === 'heal') lab.heal('a', 'b');
    else if (step.kind === 'wait') lab.clock.pass(15_000);
    else if (step.kind === 'crash') lab.kernel.crashNode(step.node);
    else if (step.kind === 'boot') lab.kernel.bootNode(step.node);
    else if (step.kind === 'open') lab.open(step.node);
    else if (step.kind === 'close') lab.close(step.node);
    else if (step.kind === 'write') lab.write(step.node);
    else lab.read(step.node);
    after();
  }
}

describe('laws over random histories of two nodes', () => {
  test('with quorum majority only one side is ever Primary with quorum, and no acknowledged write is lost for good', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const lab = new DrbdLab(['a', 'b'], { quorum: 'majority' });
        play(lab, taken, () => {
          const active = ['a', 'b'].filter((node) => lab.on(node).role === 'Primary' && lab.on(node).quorum);
          expect(active.length).toBeLessThanOrEqual(1);
        });
        lab.heal('a', 'b');
        lab.kernel.bootNode('a');
        lab.kernel.bootNode('b');
        lab.clock.pass(60_000);
        expect(['a', 'b'].some((node) => lab.kernel.missingCount('vol', node) === 0)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('connected and settled disks of equal generation hold the same writes, when quorum is off', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const lab = new DrbdLab();
        play(lab, taken);
        lab.close('a');
        lab.close('b');
        lab.heal('a', 'b');
        lab.kernel.bootNode('a');
        lab.kernel.bootNode('b');
        lab.clock.pass(60_000);
        const isWhole = lab.link('a', 'b') === 'Connected/Secondary/Established/UpToDate';
        if (isWhole) expect(lab.on('b').data).toEqual(lab.on('a').data);
        // Who has given up stays StandAlone; an end that boots again tries on in vain.
        else expect([lab.link('a', 'b'), lab.link('b', 'a')]).toContainEqual(expect.stringMatching(/^StandAlone/));
        expect(lab.clock.queue.size).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test('the same seed and steps give the same states and generations', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const seen = [1, 2].map(() => {
          const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' }, 7);
          play(lab, taken);
          return JSON.stringify(['a', 'b', 'tb'].map((node) => [lab.kernel.status(node), lab.on(node).metadata]));
        });
        expect(seen[0]).toBe(seen[1]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a resync that has not begun yet', () => {
  test('what is written while its target is lost again comes with the next one', () => {
    const lab = new DrbdLab(['a', 'b'], { quorum: 'off' });
    lab.open('a');
    lab.write('a', 10);
    for (const node of ['a', 'b']) lab.kernel.crashNode(node);
    lab.kernel.bootNode('a');
    lab.open('a');
    lab.kernel.bootNode('b');
    while (lab.on('a').peers.get('b')?.replication !== 'WFBitMapS') lab.clock.pass(5);
    lab.kernel.crashNode('b');
    lab.write('a', 1);
    lab.notice();
    expect(lab.kernel.missingCount('vol', 'b')).toBe(1);
    lab.kernel.bootNode('b');
    lab.settle();
    expect(lab.link('a', 'b')).toBe('Connected/Secondary/Established/UpToDate');
    expect(lab.kernel.missingCount('vol', 'b')).toBe(0);
  });
});

describe('protocol A', () => {
  test('what was acknowledged during a cut that nobody noticed arrives when the link is back', () => {
    const lab = new DrbdLab(['a', 'b'], { protocol: 'A' });
    lab.open('a');
    lab.write('a', 2);
    lab.cut('a', 'b');
    lab.write('a', 3);
    expect(lab.kernel.missingCount('vol', 'b')).toBe(3);
    lab.heal('a', 'b');
    expect(lab.kernel.missingCount('vol', 'b')).toBe(0);
    expect(lab.link('a', 'b')).toBe('Connected/Secondary/Established/UpToDate');
  });

  test('what the peer missed since a cut was noticed comes with the resync', () => {
    const lab = new DrbdLab(['a', 'b'], { protocol: 'A' });
    lab.open('a');
    lab.cut('a', 'b');
    lab.write('a', 1);
    lab.notice();
    lab.write('a', 1);
    expect(lab.kernel.missingCount('vol', 'b')).toBe(2);
    lab.heal('a', 'b');
    lab.settle();
    expect(lab.kernel.missingCount('vol', 'b')).toBe(0);
  });
});
