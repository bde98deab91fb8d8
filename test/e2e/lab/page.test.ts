import { afterAll, beforeAll, expect, test } from 'vitest';
import { LabUser } from './lab-user.ts';

// The product page from top to bottom, typed as it stands there. Each test goes on where the one before it has ended.
const me = new LabUser();
beforeAll(() => me.labUp());
afterAll(() => me.end());

const config1 = '--kubeconfig ~/.kube/config-cluster1';
const config2 = '--kubeconfig ~/.kube/config-cluster2';

test('step 2: the CRD file applies to every cluster', async () => {
  for (const cluster of ['cluster1', 'cluster2', 'cluster3']) {
    const line = `kubectl --kubeconfig ~/.kube/config-${cluster} apply -f protection-group-crd.yaml`;
    expect((await me.type(line)).code).toBe(0);
  }
});

test('step 3: the controllers run on both clusters', async () => {
  for (const config of [config1, config2]) {
    for (const app of ['protection-group-controller', 'failover-controller']) {
      const { stdout } = await me.type(`kubectl ${config} get pods -l app=${app}`);
      expect(stdout).toMatch(new RegExp(`^${app}-\\S+ +1/1 +Running`, 'm'));
    }
  }
});

test('step 5: init, copied kubeconfigs, add-cluster and config test', async () => {
  expect((await me.type('pgctl init')).code).toBe(0);
  for (const [name, role] of [
    ['cluster1', 'primary'],
    ['cluster2', 'dr'],
  ]) {
    await me.type(`cp ~/.kube/config-${name} ~/.kube/pgctl/${name}.kubeconfig`);
    const line = `pgctl config add-cluster --name ${name} --kubeconfig ${name}.kubeconfig --role ${role}`;
    expect((await me.type(line)).code).toBe(0);
  }
  expect(await me.type('pgctl config test')).toEqual({
    code: 0,
    stderr: '',
    stdout: `▶ Testing primary cluster: cluster1
✓ Primary cluster is accessible (version: v1.30.6)
▶ Testing DR cluster: cluster2
✓ DR cluster is accessible (version: v1.30.6)
✓ All clusters are accessible
`,
  });
});

test('a Protection Group is created on both clusters', async () => {
  const line = 'pgctl create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2 --namespace default';
  const { code, stdout } = await me.type(line);
  expect(code).toBe(0);
  expect(stdout).toContain('✓ Protection Group production-pg protects 2 VMs');
});

test('sync has nothing left to do', async () => {
  expect((await me.type('pgctl sync vm prod-vm-2')).code).toBe(0);
  const { code, stdout } = await me.type('pgctl sync protectiongroup production-pg');
  expect(code).toBe(0);
  expect(stdout).not.toMatch(/created|updated/);
});

test('example 1: the group and its VMs on both clusters', async () => {
  const { stdout } = await me.type('pgctl get protectiongroup production-pg --all-clusters');
  expect(collapsed(stdout)).toBe(`Protection Group: production-pg
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
`);
});

test('example 2: validation', async () => {
  expect(
    (await me.type('pgctl validate protectiongroup production-pg')).stdout,
  ).toBe(`▶ Validating Protection Group: production-pg
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
`);
});

test('example 3: the dry run', async () => {
  const { stdout } = await me.type('pgctl failover production-pg --dry-run');
  expect(stdout.replace(/\d+-\d+ seconds/, '90-120 seconds')).toBe(`✓ Dry run mode - no changes will be made
Pre-flight checks:
✓ Protection Group exists on both clusters
✓ VM definitions exist on target cluster
✓ PVC definitions exist on target cluster
✓ PV definitions exist on target cluster
✓ No other Protection Groups running on target
✓ DRBD replication healthy
Estimated failover time: 90-120 seconds
Ready for failover: YES
`);
});

test('example 4: the failover, its prompt answered through a pipe', async () => {
  const { code, stdout } = await me.type('pgctl failover production-pg', { input: 'y\n' });
  expect(stdout.replace('(2s)', '(45s)').replaceAll(/running \(\d+s\)/g, 'running (45s)')).toBe(`⚠ FAILOVER OPERATION
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
✓ prod-vm-2 running (45s)
✓ Failover completed successfully!
All VMs now running on cluster2
`);
  expect(code).toBe(0);
});

test('example 5: running / running on cluster2, and no VMI on cluster1', async () => {
  const path = "'{.spec.desiredState} / {.status.currentState}'";
  const line = `kubectl ${config2} get protectiongroup production-pg -n default -o jsonpath=${path}`;
  expect((await me.type(line.replace(`jsonpath=${path}`, `'jsonpath=${path.slice(1)}`))).stdout).toBe(
    'running / running',
  );
  expect((await me.type(`kubectl ${config1} get vmi -n default`)).stderr).toContain('No resources found');
});

test('troubleshooting: VMs, logs, volumes and claims can be looked at', async () => {
  expect((await me.type(`kubectl ${config2} get vm,vmi -n default`)).stdout).toContain(
    'virtualmachineinstance.kubevirt.io/prod-vm-1',
  );
  expect((await me.type(`kubectl ${config2} describe vm prod-vm-1 -n default`)).stdout).toMatch(
    /Events:[^]*SuccessfulCreate/,
  );
  const { stdout } = await me.type(`kubectl ${config2} logs deployment/protection-group-controller -n default`);
  expect(stdout.split('\n').filter((line) => line.includes('reconcile_vm_state')).length).toBeGreaterThanOrEqual(2);
  expect((await me.type(`kubectl ${config2} get pv`)).stdout.match(/Retain +Bound/g)).toHaveLength(2);
  expect((await me.type(`kubectl ${config2} get pvc -n default`)).stdout.match(/ Bound /g)).toHaveLength(2);
  expect((await me.type(`kubectl ${config2} get nodes`)).stdout).toMatch(/ Ready /);
});

test('troubleshooting: CLUSTER_ROLE can be read and set, and a wrong one is told', async () => {
  const env = `kubectl ${config2} get deployment protection-group-controller -n default -o jsonpath={.spec.template.spec.containers[0].env}`;
  expect((await me.type(env)).stdout).toBe('[{"name":"CLUSTER_ROLE","value":"dr"}]');
  const group = ['protectiongroup', 'production-pg'];
  const why = '.status.conditions[?(@.type=="RoleMatches")].message';
  const set = `kubectl ${config2} set env deployment/protection-group-controller`;
  expect((await me.type(`${set} CLUSTER_ROLE- -n default`)).code).toBe(0);
  await me.waitFor('cluster2', group, why, 'the environment variable CLUSTER_ROLE is not set');
  expect((await me.type(`${set} CLUSTER_ROLE=dr -n default`)).code).toBe(0);
  await me.waitFor('cluster2', group, '.status.currentState', 'running');
});

test('failback returns the group to the primary cluster', async () => {
  const { code, stdout } = await me.type('pgctl failback production-pg', { input: 'y\n' });
  expect(code).toBe(0);
  expect(stdout).toContain('Source: cluster2 (2 VMs running)\nTarget: cluster1');
  expect(stdout).toMatch(/✓ Failover completed successfully!\nAll VMs now running on cluster1\n$/);
});

test('the dry run of a move to where the group runs already finds nothing to do', async () => {
  const { code, stdout } = await me.type('pgctl failover production-pg --to cluster1 --dry-run');
  expect(stdout).toContain('production-pg runs on cluster1 already: nothing to do');
  expect(code).toBe(0);
});

/** Runs of spaces are lost on the page. */
function collapsed(text: string): string {
  return text.replaceAll(/ +/g, ' ');
}
