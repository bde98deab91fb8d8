import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubeconfigText } from '../../../src/lab/kubeconfig-text.ts';
import { startLab } from '../../../src/lab/process/start-lab.ts';
import { stopLab } from '../../../src/lab/process/stop-lab.ts';
import { type Kubectl, type Ran, kubectls, run, start } from './kubectl-program.ts';

const home = mkdtempSync(join(tmpdir(), 'site-recovery-kubectl-'));
const folder = join(home, 'lab');
const kubeconfig = join(folder, 'cluster1.kubeconfig');
const crdFile = join(import.meta.dirname, '../../../crds/protection-group-crd.yaml');

beforeAll(async () => {
  const { file } = await startLab({ folder, clusters: 3, speed: 5 });
  const cluster = file.clusters[0]!;
  const authority = readAuthority(kubeconfig);
  const access = { cluster: cluster.name, server: cluster.server, authority };
  for (const [user, token] of [...Object.entries(cluster.tokens), ['wrong', 'wrong']] as const) {
    writeFileSync(join(home, `${user}.kubeconfig`), kubeconfigText({ ...access, user, token }));
  }
});
afterAll(async () => {
  await stopLab(folder);
  rmSync(home, { recursive: true });
});

function readAuthority(path: string): string {
  const data = /certificate-authority-data: (\S+)/.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  return Buffer.from(data, 'base64').toString();
}

describe.each(kubectls())('kubectl $version', (kubectl: Kubectl) => {
  const on = (config: string, args: string, input?: string): Promise<Ran> =>
    run(
      kubectl,
      config,
      args.match(/'[^']*'|\S+/g)!.map((word) => word.replace(/^'|'$/g, '')),
      input,
    );
  const sh = (args: string, input?: string): Promise<Ran> => on(kubeconfig, args, input);
  /** What a run that must succeed has printed. */
  const said = async (args: string, input?: string): Promise<string> => {
    const { code, out, err } = await sh(args, input);
    expect({ args, code, err }).toEqual({ args, code: 0, err: '' });
    return out;
  };

  test('get shows what runs in the lab, wide and narrow', async () => {
    expect(await said('get nodes')).toMatch(
      /^NAME +STATUS +ROLES +AGE +VERSION\ncluster1-node-1 +Ready +<none> +\S+ +v1\./,
    );
    expect(await said('get nodes -o wide')).toMatch(
      /INTERNAL-IP +EXTERNAL-IP +OS-IMAGE +KERNEL-VERSION +CONTAINER-RUNTIME/,
    );
    expect(await said('get vm')).toMatch(/^NAME +AGE +STATUS +READY\nprod-vm-1 +\S+ +Running +True\nprod-vm-2 /);
    expect(await said('get pvc -o wide')).toMatch(
      /prod-vm-1-disk +Bound +pvc-\S+ +10Gi +RWO +linstor-replicated +<unset> +\S+ +Block/,
    );
    expect(await said('get pods -l app=protection-group-controller')).toMatch(/1\/1 +Running/);
    expect(await said('get pods -A -o name')).toMatch(/^pod\/failover-controller/m);
    expect(await said('get all')).toContain('deployment.apps/protection-group-controller');
    expect(await said('get vm,vmi -o jsonpath={.items[*].kind}')).toBe(
      'VirtualMachine VirtualMachine VirtualMachineInstance VirtualMachineInstance',
    );
    expect(await said('get events --field-selector involvedObject.name=prod-vm-1 --sort-by=.lastTimestamp')).toContain(
      'SuccessfulCreate',
    );
    expect(JSON.parse(await said('get vm prod-vm-1 -o json'))).toMatchObject({
      kind: 'VirtualMachine',
      spec: { running: true },
    });
    expect(
      await said('get pv -o custom-columns=NAME:.metadata.name,POLICY:.spec.persistentVolumeReclaimPolicy'),
    ).toContain('Retain');
  });

  test('what is not there is said in the words of Kubernetes', async () => {
    expect((await sh('get vm nobody')).err).toBe(
      'Error from server (NotFound): virtualmachines.kubevirt.io "nobody" not found\n',
    );
    expect((await sh('get nothing')).err).toBe('error: the server doesn\'t have a resource type "nothing"\n');
    expect((await sh('get cm -l nothing=here')).err).toBe('No resources found in default namespace.\n');
  });

  test('api-resources, api-versions, version and cluster-info describe the server', async () => {
    expect(await said('api-resources')).toMatch(
      /^protectiongroups +pg +siterecovery\.trilio\.io\/v1alpha1 +true +ProtectionGroup$/m,
    );
    expect(await said('api-resources --api-group=kubevirt.io -o wide')).toContain('virtualmachineinstances');
    expect(await said('api-versions')).toContain('siterecovery.trilio.io/v1alpha1');
    // kubectl warns of a server that is several versions older than itself.
    expect((await sh('version')).out).toContain('Server Version: v1.');
    expect(await said('get --raw /readyz')).toBe('ok');
  });

  test('explain shows custom and built-in schemas', async () => {
    expect(await said('explain pg.spec.desiredState')).toMatch(
      /FIELD: desiredState <string>[\s\S]*Power state that all/,
    );
    expect(await said('explain pod.spec.containers.image')).toMatch(/FIELD: +image <string>/);
    expect(await said('explain pv --recursive')).toContain('persistentVolumeReclaimPolicy');
  });

  test('describe tells about custom and built-in objects', async () => {
    expect(await said('describe vm prod-vm-1')).toMatch(/Name: +prod-vm-1[\s\S]*Printable Status: +Running/);
    expect(await said('describe node cluster1-node-1')).toMatch(/Name: +cluster1-node-1[\s\S]*Conditions:/);
    expect(await said('describe pvc prod-vm-1-disk')).toMatch(/Status: +Bound/);
    expect(await said('describe deployment protection-group-controller')).toMatch(/CLUSTER_ROLE: +primary/);
  });

  const widgets = (value: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: by-kubectl, labels: {suite: kubectl}}
data: {value: "${value}"}
`;

  test('apply creates, leaves alone, changes; and deletes with --wait', async () => {
    expect(await said('apply -f -', widgets('1'))).toBe('configmap/by-kubectl created\n');
    expect(await said('apply -f -', widgets('1'))).toBe('configmap/by-kubectl unchanged\n');
    expect(await said('apply -f -', widgets('2'))).toBe('configmap/by-kubectl configured\n');
    expect((await sh('diff -f -', widgets('3'))).out).toMatch(/-\s+value: "2"\n\+\s+value: "3"/);
    expect(await said('delete cm by-kubectl')).toMatch(/^configmap "by-kubectl" deleted/);
    expect((await sh('get cm by-kubectl')).code).toBe(1);
  });

  test('apply on the server owns fields and tells of conflicts', async () => {
    expect(await said('apply --server-side -f -', widgets('1'))).toBe('configmap/by-kubectl serverside-applied\n');
    const conflict = await sh('apply --server-side --field-manager=other -f -', widgets('2'));
    expect(conflict.err).toContain('conflict with "kubectl": .data.value');
    expect(await said('apply --server-side --field-manager=other --force-conflicts -f -', widgets('2'))).toContain(
      'applied',
    );
    expect(await said('get cm by-kubectl -o jsonpath={.data.value} --show-managed-fields')).toBe('2');
    await said('delete cm by-kubectl');
  });

  test("the page's CRD file applies again", async () => {
    const { code, out } = await sh(`apply -f ${crdFile}`);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/protectiongroups\.siterecovery\.trilio\.io (configured|unchanged)/),
    ]);
  });

  test('unknown and wrong fields are refused with their places', async () => {
    const group = (spec: string): string =>
      `apiVersion: siterecovery.trilio.io/v1alpha1\nkind: ProtectionGroup\nmetadata: {name: g}\nspec: ${spec}\n`;
    const unknown = await sh('apply -f -', group('{virtualMachines: [{name: prod-vm-1}], colour: red}'));
    expect(unknown.err).toMatch(/strict decoding error: unknown field "spec\.colour"/);
    const warned = await sh(
      'create --dry-run=server --validate=warn -f -',
      group('{virtualMachines: [{name: prod-vm-1}], colour: red}'),
    );
    expect([warned.code, warned.err]).toEqual([0, 'Warning: unknown field "spec.colour"\n']);
    const wrong = await sh('create -f -', group('{virtualMachines: [{name: prod-vm-1}], desiredState: asleep}'));
    expect(wrong.err).toMatch(
      /spec\.desiredState: Unsupported value: "asleep": supported values: "running", "stopped"/,
    );
    expect((await sh('apply -f -', 'kind: [')).code).toBe(1);
  });

  test('create makes typed objects, which travel as protobuf', async () => {
    expect(await said('create configmap typed --from-literal=a=b')).toBe('configmap/typed created\n');
    expect(await said('create secret generic typed --from-literal=a=b')).toBe('secret/typed created\n');
    expect(
      await said(
        'create deployment typed --image=web:1 --dry-run=server -o jsonpath={.spec.template.spec.containers[0].image}',
      ),
    ).toBe('web:1');
    expect(await said('get secret typed -o jsonpath={.data.a}')).toBe('Yg==');
    await said('delete cm/typed secret/typed');
  });

  test('patch: merge, json, strategic, and the status subresource', async () => {
    const group =
      '{"apiVersion":"siterecovery.trilio.io/v1alpha1","kind":"ProtectionGroup","metadata":{"name":"patched"},"spec":{"desiredState":"running","virtualMachines":[{"name":"nobody"}]}}';
    await said('create -f -', group);
    expect(await said(`patch pg patched --type merge -p '{"metadata":{"labels":{"m":"1"}}}'`)).toContain('patched');
    await said(`patch pg patched --type json -p '[{"op":"add","path":"/metadata/labels/j","value":"1"}]'`);
    expect(await said('get pg patched -o jsonpath={.metadata.labels}')).toBe('{"j":"1","m":"1"}');
    expect((await sh(`patch pg patched -p '{"metadata":{"labels":{"s":"1"}}}'`)).err).toContain(
      'application/json-patch+json, application/merge-patch+json',
    );
    await said(`patch pg patched --subresource status --type merge -p '{"status":{"currentState":"mixed"}}'`);
    expect(await said('get pg patched -o jsonpath={.spec.desiredState}')).toBe('running');
    await said(`patch node cluster1-node-1 -p '{"metadata":{"labels":{"strategic":"yes"}}}'`);
    await said('label node cluster1-node-1 strategic-');
    await said('delete pg patched');
  });

  test('label, annotate and wait', async () => {
    await said('create configmap waited --from-literal=a=b');
    expect(await said('label cm waited stage=one')).toBe('configmap/waited labeled\n');
    expect((await sh('label cm waited stage=two')).err).toContain('--overwrite is false');
    await said('annotate cm waited why=because');
    expect(await said('wait cm/waited --for=jsonpath={.data.a}=b --timeout=10s')).toBe(
      'configmap/waited condition met\n',
    );
    expect(await said('wait vm/prod-vm-1 --for=condition=Ready --timeout=10s')).toContain('condition met');
    expect((await sh('wait cm/waited --for=condition=Ready --timeout=1s')).err).toContain(
      'timed out waiting for the condition on configmaps/waited',
    );
    const gone = sh('wait cm/waited --for=delete --timeout=20s');
    await said('delete cm waited');
    expect((await gone).code).toBe(0);
  });

  test('get -w prints each change once, under one header', async () => {
    const watching = start(kubectl, kubeconfig, ['get', 'cm', '-l', 'suite=watch', '-w']);
    try {
      await said('create configmap watched --from-literal=a=b');
      await said('label cm watched suite=watch');
      await expect.poll(() => watching.lines.length, { timeout: 10_000 }).toBe(2);
      await said(`patch cm watched -p '{"data":{"c":"d"}}'`);
      await said('delete cm watched');
      await expect.poll(() => watching.lines.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
      expect(watching.lines.map((line) => line.split(/ +/).slice(0, 2))).toEqual([
        ['NAME', 'DATA'],
        ['watched', '1'],
        ['watched', '2'],
        ['watched', '2'],
      ]);
    } finally {
      watching.child.kill();
    }
  });

  test('logs come from the controllers, and set env restarts them', async () => {
    const group =
      '{"apiVersion":"siterecovery.trilio.io/v1alpha1","kind":"ProtectionGroup","metadata":{"name":"logged"},"spec":{"desiredState":"running","virtualMachines":[{"name":"prod-vm-1"}]}}';
    await said('create -f -', group);
    expect((await sh('logs deployment/protection-group-controller --tail=5')).code).toBe(0);
    await said('delete pg logged');
    expect(await said('set env deployment/failover-controller EXTRA=yes')).toBe(
      'deployment.apps/failover-controller env updated\n',
    );
    expect(
      await said('get deployment failover-controller -o jsonpath={.spec.template.spec.containers[0].env[*].name}'),
    ).toContain('EXTRA');
    expect(await said('set env deployment/failover-controller EXTRA-')).toContain('env updated');
    expect(await said('rollout status deployment/failover-controller --timeout=50s')).toContain(
      'successfully rolled out',
    );
  });

  test('exec runs the DRBD tools in the satellites, with their streams and exit codes', async () => {
    const pods = 'get pods -n piraeus-datastore -l app.kubernetes.io/component=linstor-satellite';
    const pod = (await said(`${pods} -o name`)).split('\n')[0] ?? '';
    expect(pod).toMatch(/^pod\/linstor-satellite\.cluster1-node-1-/);
    const exec = `exec -n piraeus-datastore ${pod} --`;
    expect(await said(`${exec} drbdsetup status`)).toMatch(/^pvc-\S+ role:(Primary|Secondary)\n  disk:UpToDate open:/m);
    expect(await sh(`${exec} drbdsetup primary missing`)).toEqual({
      code: 10,
      out: '',
      err: 'missing: Failure: (158) Unknown resource\ncommand terminated with exit code 10\n',
    });
    expect(await said(`exec -n piraeus-datastore ${pod} -c linstor-satellite -- sh -c 'drbdadm status all'`)).toContain(
      'peer-disk:UpToDate',
    );
    expect((await sh(`exec -n piraeus-datastore ${pod} -c absent -- drbdadm status`)).err).toMatch(
      /container absent is not valid for pod linstor-satellite/,
    );
    expect((await sh('exec absent -- ls')).err).toBe('Error from server (NotFound): pods "absent" not found\n');
    expect((await sh(`${exec} ls`)).err).toContain('"ls": executable file not found in $PATH');
    const viewer = await on(join(home, 'viewer.kubeconfig'), `${exec} drbdadm down all`);
    expect(viewer.err).toMatch(/cannot (get|create) resource "pods\/exec"/);
  });

  test('auth can-i answers for each user, and strangers are turned away', async () => {
    expect(await said('auth can-i delete vm')).toBe('yes\n');
    const as = (user: string, args: string): Promise<Ran> => on(join(home, `${user}.kubeconfig`), args);
    expect((await as('viewer', 'auth can-i get vm')).out).toBe('yes\n');
    expect((await as('viewer', 'auth can-i delete vm')).out).toBe('no\n');
    expect((await as('viewer', 'get vm')).code).toBe(0);
    expect((await as('viewer', 'delete vm prod-vm-1')).err).toContain(
      'is forbidden: User "lab-viewer" cannot delete resource "virtualmachines"',
    );
    expect((await as('viewer', 'get secrets')).err).toContain('cannot list resource "secrets"');
    expect((await as('nobody', 'get vm')).err).toContain('User "lab-nobody" cannot list resource "virtualmachines"');
    expect((await as('wrong', 'get vm')).err).toMatch(/must be logged in to the server|Unauthorized/);
    expect(await said('auth can-i --list')).toContain('*.*');
  });

  test('a VM that somebody applies gets its volume and starts', async () => {
    const manifest = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: own-disk}
spec: {accessModes: [ReadWriteOnce], volumeMode: Block, storageClassName: linstor-replicated, resources: {requests: {storage: 1Gi}}}
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: own-vm}
spec:
  runStrategy: Always
  template:
    spec:
      domain: {memory: {guest: 1Gi}, devices: {disks: [{name: root, disk: {bus: virtio}}]}}
      volumes: [{name: root, persistentVolumeClaim: {claimName: own-disk}}]
`;
    await said('apply -f -', manifest);
    expect(await said('wait vm/own-vm --for=condition=Ready --timeout=50s')).toContain('condition met');
    expect(await said('get pvc own-disk -o jsonpath={.status.phase}')).toBe('Bound');
    await said('delete -f - --wait --timeout=55s', manifest);
    expect((await sh('get vm own-vm')).code).toBe(1);
  });

  test('a service is reached through the quorum cluster', async () => {
    const quorum = join(folder, 'cluster3.kubeconfig');
    const path = '/api/v1/namespaces/piraeus-datastore/services/linstor-controller:3370/proxy/v1/nodes';
    const { out } = await on(quorum, `get --raw ${path}`);
    expect((JSON.parse(out) as { name: string }[]).map(({ name }) => name)).toContain('cluster1-node-1');
  });
});
