import { expect, test } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { newRecovery, type RecoveryRequest } from '../../src/model/recovery/recovery-request.ts';
import { resolveRequest, verifyRequest } from '../twin/parted-group.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

/** An operation on production-pg that has been ordered on cluster1, and that nobody has taken up yet. */
function order({ twin }: TwinCli, request: RecoveryRequest): void {
  const body = newRecovery({ ...request, name: 'production-pg-r1', group: 'production-pg' });
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
    order(cli, resolveRequest);
    const { exit, stderr } = await cli.run(command);
    expect(exit).not.toBe(0);
    expect(stderr).toContain(`Protection group production-pg cannot be ${what} now`);
    expect(stderr).toContain('operation production-pg-r1 on it has not ended');
    expect(stderr).toContain('Let it end first: pgctl recover production-pg --survivor cluster1');
    for (const site of ['cluster1', 'cluster2'])
      expect(cli.twin.world.cluster(site).api.get(resources.protectionGroup, 'default', 'production-pg')).toBeDefined();
  }),
);

test('a comparison that goes on keeps no sync waiting, and can be given up', () =>
  withTwin(async (cli) => {
    await cli.run('create protectiongroup production-pg --vm prod-vm-1');
    cli.pass(60);
    order(cli, verifyRequest);
    const { exit, stdout } = await cli.run('sync protectiongroup production-pg');
    expect(exit).toBe(0);
    expect(stdout).toContain('✓ Protection Group production-pg is in sync on cluster2');
    const refused = await cli.run('delete protectiongroup production-pg --yes');
    expect(refused.exit).not.toBe(0);
    expect(refused.stderr).toContain('; or give it up: pgctl cancel production-pg');
  }));

test('a comparison that replaces blocks keeps a sync waiting', () =>
  withTwin(async (cli) => {
    await cli.run('create protectiongroup production-pg --vm prod-vm-1');
    cli.pass(60);
    order(cli, { ...verifyRequest, repair: 'cluster2' });
    const { exit, stderr } = await cli.run('sync protectiongroup production-pg');
    expect(exit).not.toBe(0);
    expect(stderr).toContain('Protection group production-pg cannot be synced now');
  }));
