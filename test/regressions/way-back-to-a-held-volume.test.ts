import { expect, test } from 'vitest';
import { calmScene } from '../machines/scene.ts';
import { FailoverScript } from '../transcripts/failover-script.ts';
import { replay } from '../transcripts/transcript.ts';

// Found by searching the small world: after an operation that had left both sites stopped, one in the other direction
// turned back while a volume was still open where its VM had run last, and ordered the other site to run the group.
test('on its way back a failover does not start the source while a volume is Primary on the target', () => {
  const script = new FailoverScript(calmScene());
  const play = (line: string): string => replay(line, () => script);
  play('failover cluster1 -> cluster2 by pgctl/a');
  play('look');
  for (const vm of ['vm-1', 'vm-2']) play(`set cluster1 ${vm}=stopped`);
  for (const volume of ['vol-1', 'vol-2']) play(`set ${volume} cluster1=Secondary`);
  play('set vol-1 cluster2=Primary');
  play('cancel');
  const order = 'PATCH cluster1 protectiongroups/pg desiredState=running';
  const held = play('wait 2s');
  expect(held).toContain('stoppingSource -> rollingBack');
  expect(held).not.toContain(order);
  expect(held).toContain('waits: vol-1 on cluster2-node (cluster2) is Primary');
  play('set vol-1 cluster2=Secondary');
  expect(play('wait 2s')).toContain(order);
});
