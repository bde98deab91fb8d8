import { expect, test } from 'vitest';
import { resources } from '../../src/model/kube.ts';
import { groupLeaseName } from '../../src/model/lease.ts';
import { type TwinCli, withTwin } from '../cli/twin-cli.ts';

const protect = ({ run }: TwinCli) => run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');

/** Does something to cluster2 this many seconds of virtual time from now. */
function later(
  { twin: { world } }: TwinCli,
  seconds: number,
  act: (cluster2: ReturnType<typeof world.cluster>) => void,
) {
  world.route('somebody', () => act(world.cluster('cluster2')));
  world.schedule(seconds * 1000, 'somebody.acts', 'now');
}

test('pgctl ends, and says so, when its operation is deleted under it', () =>
  withTwin(async (cli) => {
    await protect(cli);
    later(cli, 5, ({ api }) => {
      for (const { metadata } of api.list(resources.failover)) {
        api.request({ verb: 'delete', resource: resources.failover, namespace: 'default', name: metadata.name });
      }
    });
    const { exit, stderr } = await cli.run('failover production-pg --yes');
    expect(exit).toBe(1);
    expect(stderr).toContain('was deleted while it was under way');
  }));

test('pgctl goes on when somebody deletes the Lease that it holds', () =>
  withTwin(async (cli) => {
    await protect(cli);
    later(cli, 5, ({ api }) => {
      const name = groupLeaseName('production-pg');
      api.request({ verb: 'delete', resource: resources.lease, namespace: 'default', name });
    });
    const { exit, stdout } = await cli.run('failover production-pg --yes');
    expect(exit).toBe(0);
    expect(stdout).toContain('All VMs now running on cluster2');
  }));
