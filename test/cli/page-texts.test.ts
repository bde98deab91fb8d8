import { describe, expect, test } from 'vitest';
import { withTwin } from './twin-cli.ts';

/**
 * The product page as a contract: each command typed as on the page prints what the page shows, line for line. The
 * page's text has lost its runs of spaces, so columns are compared by their words; times and estimates are what they are.
 */
const words = (text: string): readonly string[] =>
  text
    .replace(/\(\d+s\)/g, (match) => (match === '(30s)' ? match : '(Ns)'))
    .replace(/\d+-\d+ seconds/g, 'N-M seconds')
    .trim()
    .split('\n')
    .map((line) => line.trim().replace(/ +/g, ' '));

const preFailover = `
Protection Group: production-pg
PRIMARY CLUSTER (cluster1):
NAME STATE VMS HEALTH
production-pg Active 2 Healthy
DR CLUSTER (cluster2):
NAME STATE VMS HEALTH
production-pg Active 2 Healthy
VM STATUS:
VM CLUSTER STATUS
prod-vm-1 cluster1 Running
prod-vm-1 cluster2 Stopped
prod-vm-2 cluster1 Running
prod-vm-2 cluster2 Stopped
`;

const validation = `
▶ Validating Protection Group: production-pg
PRIMARY CLUSTER (cluster1):
✓ Protection Group exists
✓ VMs exist and are valid
✓ PVCs are bound
✓ Geo-replication enabled (placementCount >= 2)
✓ DRBD resources healthy
DR CLUSTER (cluster2):
✓ Protection Group exists
✓ VM definitions exist
✓ PVC definitions exist
✓ PV definitions exist
✓ Storage class supports geo-replication
OVERALL: ✓ Configuration valid, ready for failover
`;

const dryRun = `
✓ Dry run mode - no changes will be made
Pre-flight checks:
✓ Protection Group exists on both clusters
✓ VM definitions exist on target cluster
✓ PVC definitions exist on target cluster
✓ PV definitions exist on target cluster
✓ No other Protection Groups running on target
✓ DRBD replication healthy
Estimated failover time: 90-120 seconds
Ready for failover: YES
`;

const failover = `
⚠ FAILOVER OPERATION
Protection Group: production-pg
Source: cluster1 (2 VMs running)
Target: cluster2
This will:
1. Stop VMs on cluster1
2. Wait for DRBD locks to release
3. Start VMs on cluster2
Continue? [y/N]: y
▶ Step 1: Stopping VMs on cluster1
✓ prod-vm-1 stopped
✓ prod-vm-2 stopped
▶ Step 2: Waiting for DRBD locks (30s)
✓ Locks released
▶ Step 3: Removing quorum taints on cluster2
✓ Taints removed
▶ Step 4: Starting VMs on cluster2
✓ prod-vm-1 starting...
✓ prod-vm-2 starting...
▶ Step 5: Monitoring startup
✓ prod-vm-1 running (45s)
✓ prod-vm-2 running (52s)
✓ Failover completed successfully!
All VMs now running on cluster2
`;

const swapped = (text: string): string =>
  text.replace(/cluster[12]/g, (name) => (name === 'cluster1' ? 'cluster2' : 'cluster1'));

describe('the product page, typed from top to bottom (2 sites, quorum site, 2 VMs)', () => {
  test('protect, look, validate, dry run, fail over, fail back', () =>
    withTwin(async ({ run, twin }) => {
      const create = 'create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2 --namespace default';
      expect(await run(create)).toMatchObject({ exit: 0, stderr: '' });
      // The page's commands leave the rest to the settings.
      const steps: readonly (readonly [string, string, (readonly string[])?])[] = [
        ['get protectiongroup production-pg --all-clusters', preFailover],
        ['validate protectiongroup production-pg', validation],
        ['failover production-pg --dry-run', dryRun],
        ['failover production-pg', failover, ['y']],
        ['failback production-pg', swapped(failover), ['y']],
        ['get protectiongroup production-pg --all-clusters', preFailover],
        ['validate protectiongroup production-pg', validation],
        ['failover production-pg --to cluster2', failover, ['y']],
      ];
      for (const [command, expected, input] of steps) {
        const { exit, stdout, stderr } = await run(command, input === undefined ? {} : { input });
        expect({ command, exit, stderr, lines: words(stdout) }).toEqual({
          command,
          exit: 0,
          stderr: '',
          lines: words(expected),
        });
      }
      for (const vm of ['prod-vm-1', 'prod-vm-2']) {
        const instance = {
          group: 'kubevirt.io',
          version: 'v1',
          plural: 'virtualmachineinstances',
          kind: 'VirtualMachineInstance',
          namespaced: true,
        };
        expect(twin.world.cluster('cluster1').api.get(instance, 'default', vm)).toBeUndefined();
        expect(twin.world.cluster('cluster2').api.get(instance, 'default', vm)?.status?.['phase']).toBe('Running');
      }
    }));

  test('sync of a VM and of a group that are in sync changes nothing', () =>
    withTwin(async ({ run, twin }) => {
      await run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
      const before = twin.world.cluster('cluster2').api.version;
      for (const command of ['sync vm prod-vm-1', 'sync protectiongroup production-pg']) {
        const { exit, stdout } = await run(command);
        expect(exit).toBe(0);
        expect(stdout).not.toMatch(/created|updated|repaired/);
      }
      expect(twin.world.cluster('cluster2').api.version).toBe(before);
    }));
});
