import { describe, expect, test } from 'vitest';
import { justCreated, noGeneration } from '../../../../src/drivers/sim/drbd/generation.ts';
import { compareGenerations, decideHandshake, type HandshakeSide } from '../../../../src/drivers/sim/drbd/handshake.ts';
import { defaultOptions } from '../../../../src/drivers/sim/drbd/options.ts';

const [G1, G2, G3, G4] = ['1000000000000000', '2000000000000000', '3000000000000000', '4000000000000000'] as const;

const side = (change: Partial<HandshakeSide>, nodeId = 0): HandshakeSide => ({
  current: G1,
  bitmap: noGeneration,
  otherBitmaps: [],
  history: [],
  crashedPrimary: false,
  reconnect: false,
  primaryLostQuorum: false,
  discardMyData: false,
  isStable: true,
  disk: 'UpToDate',
  role: 'Secondary',
  quorum: true,
  dirtyKib: 0,
  nodeId,
  ...change,
});

const verdict = (a: Partial<HandshakeSide>, b: Partial<HandshakeSide>): string => {
  const result = compareGenerations(side(a), side(b, 1), 'C');
  if (result.kind === 'sync') {
    const extras = [...(result.full ? ['full'] : []), ...(result.ifBothFailed ? ['if both failed'] : [])];
    return [result.direction, ...extras, result.rule].join(', ');
  }
  return `${result.kind}, ${result.rule}`;
};

describe('rules by which generation identifiers are compared, the first match decides', () => {
  test.each([
    ['both just created', { current: justCreated }, { current: justCreated }, 'none, just-created-both'],
    ['only this one just created', { current: justCreated }, {}, 'toA, full, just-created-self'],
    ['only the peer just created', {}, { current: justCreated }, 'fromA, full, just-created-peer'],
    ['equal, a plain reconnection', { reconnect: true }, { reconnect: true }, 'none, reconnected'],
    [
      'equal, a reconnection wins over lost quorum',
      { reconnect: true, primaryLostQuorum: true },
      { reconnect: true },
      'none, reconnected',
    ],
    ['equal, this one lost quorum as Primary', { primaryLostQuorum: true }, {}, 'fromA, if both failed, lost-quorum'],
    [
      'equal, the peer crashed as Primary',
      { reconnect: true },
      { crashedPrimary: true },
      'fromA, if both failed, lost-quorum',
    ],
    ['equal, one was restarted cleanly', { reconnect: true }, {}, 'none, lost-quorum'],
    [
      'equal, both were off, this one crashed as Primary',
      { crashedPrimary: true },
      {},
      'fromA, if both failed, both-off',
    ],
    ['equal, both were off', {}, {}, 'none, both-off'],
    ['the peer went on from here', { current: G1 }, { current: G2, bitmap: G1 }, 'toA, bitmap-peer'],
    [
      'the peer went on from here for another node',
      {},
      { current: G2, otherBitmaps: [{ node: 'c', generation: G1 }] },
      'toA, bitmap-peer-other',
    ],
    ['this one went on from there', { current: G2, bitmap: G1 }, {}, 'fromA, bitmap-self'],
    ['the peer went on long ago', {}, { current: G3, history: [G2, G1] }, 'toA, full, history-peer'],
    ['this one went on long ago', { current: G3, history: [G2, G1] }, {}, 'fromA, full, history-self'],
    ['both went on from the same', { current: G2, bitmap: G1 }, { current: G3, bitmap: G1 }, 'splitBrain, bitmap-both'],
    ['a common past only', { current: G2, history: [G4] }, { current: G3, history: [G4] }, 'splitBrain, history-both'],
    ['nothing in common', { current: G2 }, { current: G3 }, 'unrelated, no-history'],
  ] as const)('%s', (_what, a, b, expected) => {
    expect(verdict(a, b)).toBe(expected);
  });

  test('bit 0, which says "written as Primary", does not count', () => {
    expect(verdict({ current: `${G1.slice(0, 15)}1`, reconnect: true }, { reconnect: true })).toBe('none, reconnected');
  });

  test('seen from the other side the verdict is the same', () => {
    expect(verdict({ current: G2, bitmap: G1 }, { current: G1 })).toBe('fromA, bitmap-self');
    expect(verdict({ current: G1 }, { current: G2, bitmap: G1 })).toBe('toA, bitmap-peer');
  });
});

describe('what follows from the verdict', () => {
  const diverged = [
    { current: G2, bitmap: G1, dirtyKib: 256 },
    { current: G3, bitmap: G1, dirtyKib: 384 },
  ] as const;
  const decide = (a: Partial<HandshakeSide>, b: Partial<HandshakeSide>, options = {}): string => {
    const decision = decideHandshake(side(a), side(b, 1), { ...defaultOptions, ...options });
    if (decision.kind === 'sync') return decision.direction;
    return decision.kind === 'conflict' ? `conflict ${decision.target}` : decision.kind;
  };

  test.each([
    ['nobody decides', {}, {}, {}, 'disconnect'],
    ['only one side has quorum', { quorum: false }, {}, { quorum: 'majority' }, 'toA'],
    ['fewest changes lose', {}, {}, { 'after-sb-0pri': 'discard-least-changes' }, 'toA'],
    ['zero changes: both have some', {}, {}, { 'after-sb-0pri': 'discard-zero-changes' }, 'disconnect'],
    ['zero changes: one has none', { dirtyKib: 0 }, {}, { 'after-sb-0pri': 'discard-zero-changes' }, 'toA'],
    ['one Primary, the Secondary loses', { role: 'Primary' }, {}, { 'after-sb-1pri': 'discard-secondary' }, 'fromA'],
    ['the flag of one side', { discardMyData: true }, {}, {}, 'toA'],
    ['the flag of both', { discardMyData: true }, { discardMyData: true }, {}, 'disconnect'],
  ] as const)('split brain: %s', (_what, a, b, options, expected) => {
    expect(decide({ ...diverged[0], ...a }, { ...diverged[1], ...b }, options)).toBe(expected);
  });

  test('the flag is honoured without a split brain too: it turns the direction round', () => {
    expect(decide({ current: G2, bitmap: G1 }, {})).toBe('fromA');
    expect(decide({ current: G2, bitmap: G1, discardMyData: true }, {})).toBe('toA');
  });

  test('a Primary does not become target while anybody has changes; without changes it takes the generation over', () => {
    const ahead = { current: G2, bitmap: G1 };
    expect(decide({ role: 'Primary' }, { ...ahead, dirtyKib: 4 })).toBe('conflict a');
    expect(decide({ role: 'Primary' }, ahead)).toBe('toA');
    expect(decide({ role: 'Primary', disk: 'Outdated' }, { ...ahead, dirtyKib: 4 })).toBe('toA');
  });

  test('the flag does not make a source of a disk that is Inconsistent itself', () => {
    expect(decide({ current: G2, bitmap: G1, discardMyData: true }, { disk: 'Inconsistent' })).toBe('fromA');
  });

  test('a split brain is left alone while one side is fed by somebody else', () => {
    expect(decide({ ...diverged[0], isStable: false }, diverged[1])).toBe('none');
  });

  test('equal generations: the better disk is the source where one is Inconsistent, or where the verdict leaves it open', () => {
    expect(decide({ disk: 'Inconsistent', reconnect: true }, { reconnect: true })).toBe('toA');
    expect(decide({ disk: 'Outdated', reconnect: true, dirtyKib: 4 }, { reconnect: true })).toBe('none');
    expect(decide({ disk: 'Outdated', crashedPrimary: true }, {})).toBe('toA');
  });

  test('a verdict that is open follows a running Primary', () => {
    expect(decide({ crashedPrimary: true }, { role: 'Primary' })).toBe('toA');
    expect(decide({ crashedPrimary: true, role: 'Primary' }, {})).toBe('fromA');
    expect(decide({ crashedPrimary: true, role: 'Primary' }, { role: 'Primary' })).toBe('none');
  });
});
