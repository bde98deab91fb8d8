import { expect, test } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { newRecovery } from '../../src/model/recovery/recovery-request.ts';
import { resolveRequest } from '../twin/parted-group.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

/** A recovery of production-pg that has been ordered on cluster1, and that nobody has taken up yet. */
function orderRecovery({ twin }: TwinCli): void {
  const body = newRecovery({ ...resolveRequest, name: 'production-pg-r1', group: 'production-pg' });
  twin.world.cluster('cluster1').api.request({
    verb: 'create',
    resource: resources.recovery,
    namespace: 'default',
    body: body as unknown as Json,
  });
}

test.each([
  ['sync protectiongroup production-pg', 'synced'],
  ['delete protectiongroup production-pg --yes', 'deleted'],
])('%s is refused while copies of the group are brought together', (command, what) =>
  withTwin(async (cli) => {
    await cli.run('create protectiongroup production-pg --vm prod-vm-1');
    cli.pass(60);
    orderRecovery(cli);
    const { exit, stderr } = await cli.run(command);
    expect(exit).not.toBe(0);
    expect(stderr).toContain(`Protection group production-pg cannot be ${what} now`);
    expect(stderr).toContain('operation production-pg-r1 on it has not ended');
    expect(stderr).toContain('Let it end first: pgctl recover production-pg --survivor cluster1');
    for (const site of ['cluster1', 'cluster2'])
      expect(cli.twin.world.cluster(site).api.get(resources.protectionGroup, 'default', 'production-pg')).toBeDefined();
  }),
);
