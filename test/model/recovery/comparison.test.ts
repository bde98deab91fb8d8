import { expect, test } from 'vitest';
import {
  beginning,
  begun as running,
  type Comparison,
  comparisonsOf,
  followed,
} from '../../../src/model/recovery/comparison.ts';
import { ReunionLab } from './reunion-lab.ts';

/** Shortly after the beginning of a test. */
const soon = 10_000;

/** Begins the only comparison of a pair. */
function begun(lab: ReunionLab): Comparison {
  const [pending] = comparisonsOf(lab.look());
  const request = beginning(pending!, lab.look());
  if (typeof request === 'string' || request.api !== 'exec') throw new Error(JSON.stringify(request));
  expect(lab.run('a', ...request.command)).toMatchObject({ exitCode: 0 });
  return running(pending!, lab.clock.now);
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
  expect(followed(running, lab.look(), soon)).toMatchObject({ result: 'Equal', differingKib: 0 });
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

test('what nobody has looked at for a while is compared anew: its connection may have been lost', () => {
  const lab = new ReunionLab();
  const running = begun(lab);
  lab.settle();
  expect(followed(running, lab.look(), running.heardAt! + 15_000)).toMatchObject({ result: 'Equal' });
  expect(followed(running, lab.look(), running.heardAt! + 15_001)).toEqual(comparisonsOf(lab.look())[0]);
});

test('a node that does not tell how much is marked ends no comparison', () => {
  const lab = new ReunionLab();
  const running = begun(lab);
  lab.settle();
  const { copies, ...volume } = lab.look();
  const untold = copies.map(({ satellite, report }) => ({
    satellite,
    report: { ...report, peers: report.peers.map((peer) => ({ ...peer, outOfSyncKib: undefined })) },
  }));
  expect(followed(running, { ...volume, copies: untold }, soon)).toBe(running);
});
