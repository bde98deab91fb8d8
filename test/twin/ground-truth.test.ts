import { expect, test } from 'vitest';
import { watchGroundTruth } from '../../src/twin/ground-truth.ts';
import { protectedTwin } from './protected-group.ts';

test('the watch of the ground truth notices a second execution, and a start on a disk without the newest writes', () => {
  const twin = protectedTwin();
  const truth = watchGroundTruth(twin);
  const [disk = ''] = twin.guests.executing('default', 'vm-1')[0]?.disks ?? [];
  const place = { cluster: 'cluster2', node: 'cluster3-node-1', namespace: 'default', vm: 'vm-1' };
  twin.guests.launch({ ...place, podName: 'by-hand', podUid: 'by-hand', disks: [disk] });
  twin.guests.boot('by-hand');
  expect(truth.breaches).toEqual([
    expect.stringContaining('vm-1 executes on cluster1 and cluster2'),
    expect.stringMatching(/vm-1 starts on cluster3-node-1 without \d+ writes/),
  ]);
});
