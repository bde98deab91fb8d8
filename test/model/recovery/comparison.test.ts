import { expect, test } from 'vitest';
import { beginning, type Comparison, comparisonsOf, followed } from '../../../src/model/recovery/comparison.ts';
import { verifyStatus } from '../../../src/model/recovery/verify-record.ts';
import { textAt } from '../../../src/model/json.ts';
import { ReunionLab } from './reunion-lab.ts';

/** Begins the only comparison of a pair. */
function begun(lab: ReunionLab): Comparison {
  const [pending] = comparisonsOf(lab.look());
  const request = beginning(pending!, lab.look());
  if (typeof request === 'string') throw new Error(request);
  expect(lab.run('a', ...request.command)).toMatchObject({ exitCode: 0 });
  return { ...pending!, result: 'Running', startedAt: lab.clock.now };
}

test('every two copies are compared, and a tiebreaker with none', () => {
  const pairs = (nodes: readonly string[]): readonly string[] =>
    comparisonsOf(new ReunionLab(nodes).look()).map(({ node, peer }) => node + peer);
  expect(pairs(['a', 'b', 'tb'])).toEqual(['ab']);
  expect(pairs(['a', 'b', 'c'])).toEqual(['ab', 'ac', 'bc']);
});

test('a comparison runs until both ends say that it is over', () => {
  const lab = new ReunionLab();
  const running = begun(lab);
  expect(followed(running, lab.look(), lab.clock.now)).toEqual(running);
  lab.settle();
  expect(followed(running, lab.look(), lab.clock.now)).toMatchObject({ result: 'Equal', differingKib: 0 });
});

test('a connection that is lost meanwhile leaves no result', () => {
  const lab = new ReunionLab();
  const running = begun(lab);
  lab.kernel.setLink('a', 'b', false, { silent: false });
  expect(followed(running, lab.look(), lab.clock.now)).toMatchObject({ result: 'Unknown' });
});

test('a node that is silent for a while ends nothing', () => {
  const lab = new ReunionLab();
  const running = begun(lab);
  expect(followed(running, lab.look(['b']), lab.clock.now)).toBe(running);
});

test('copies that are apart are not compared', () => {
  const lab = new ReunionLab();
  const [pending] = comparisonsOf(lab.look());
  lab.kernel.setLink('a', 'b', false, { silent: false });
  expect(beginning(pending!, lab.look())).toBe('the copies are not connected, or not in sync');
});

test('a verify succeeds only when every pair was compared to its end, and there was one', () => {
  const pair = { resource: 'vol', node: 'a', peer: 'b' };
  const phase = (...results: readonly Comparison['result'][]): string | undefined =>
    textAt(
      verifyStatus(
        'pg',
        results.map((result) => ({ ...pair, result })),
        0,
        1,
      ),
      'phase',
    );
  expect(phase('Equal', 'Equal')).toBe('Succeeded');
  expect(phase('Equal', 'Unknown')).toBe('Failed');
  expect(phase('Equal', 'Different', 'Unknown')).toBe('NeedsAttention');
  expect(phase()).toBe('Failed');
});
