import { expect, test } from 'vitest';
import { plantedSecret, secretTexts } from '../../../src/drills/planted-secret.ts';
import { firstGroup, setStage, stageNamespace } from '../../../src/drills/stage.ts';
import { resources } from '../../../src/model/kube.ts';
import { minute } from '../../../src/model/instant.ts';
import { TraceWriter } from '../../../src/runtime/trace.ts';
import { startOperationHost } from '../../../src/twin/operations.ts';
import { createOperation, plannedRequest } from '../../twin/protected-group.ts';
import { calm } from '../calm.ts';
import { definitions } from '../definitions.ts';

test('the text that is planted is the same in plain and as a Secret holds it', () => {
  const [plain, encoded] = secretTexts;
  expect(Buffer.from(encoded, 'base64').toString()).toBe(plain);
});

test('the secret is copied to the other site, and the trace of a failover holds nothing of it', () => {
  const { twin } = setStage(calm, definitions);
  const copy = twin.world.cluster('cluster2').api.get(resources.secret, stageNamespace, plantedSecret);
  expect(JSON.stringify(copy)).toContain(secretTexts[1]);

  const lines: string[] = [];
  const request = { ...plannedRequest('away', 'cluster1', 'cluster2'), group: firstGroup };
  createOperation(twin, request);
  const options = { id: 'pgctl/away', request, holder: 'pgctl/away', otherSites: twin.otherSites, patient: false };
  twin.hosts.traceTo(new TraceWriter({ program: 'test' }, (line) => lines.push(line)));
  const host = startOperationHost(twin.world, twin.hosts, 'operator', options);
  twin.world.runUntil(twin.world.now + 3 * minute);
  expect(host.record.state).toBe('succeeded');
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.filter((line) => secretTexts.some((text) => line.includes(text)))).toEqual([]);
});
