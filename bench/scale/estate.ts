import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kubevirtDefinitions } from '../../src/drivers/sim/kubevirt-admission/kubevirt-definitions.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { newProtectionGroup } from '../../src/model/protection-group.ts';
import { linstorDriver } from '../../src/model/volume.ts';
import type { ClusterUnderTest } from '../../test/conformance/cluster-under-test.ts';
import { root } from '../in-turns.ts';

/** How many groups there are in how many namespaces, and VMs of one disk each in a group. */
export interface EstateSize {
  readonly groups: number;
  readonly namespaces: number;
  readonly machinesOfGroup: number;
}

/** One protected group: its place and its VMs. */
export interface EstateGroup {
  readonly namespace: string;
  readonly name: string;
  readonly machines: readonly string[];
}

/** The two nodes on which every volume has its copies: one a site. */
export const estateNodes = ['cluster1-node-1', 'cluster2-node-1'] as const;
const storageClass = 'linstor-replicated';
/** Requests that are under way at a time. */
const width = 24;

export function groupsOf({ groups, namespaces, machinesOfGroup }: EstateSize): readonly EstateGroup[] {
  return Array.from({ length: groups }, (_each, index) => ({
    namespace: `team-${index % namespaces}`,
    name: `group-${index}`,
    machines: Array.from({ length: machinesOfGroup }, (_vm, place) => `group-${index}-vm-${place}`),
  }));
}

/** Installs the types that the controller follows; resolves when all of them are served. */
export async function installTypes(cluster: ClusterUnderTest): Promise<void> {
  const crds = parseAllDocuments(readFileSync(join(root, 'crds', 'protection-group-crd.yaml'), 'utf8'));
  const definitions = [...kubevirtDefinitions(), ...crds.map((document) => document.toJS() as JsonObject)];
  await inParallel(definitions, (body) =>
    create(cluster, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', body),
  );
  const served = ['kubevirt.io/v1/virtualmachineinstances', 'siterecovery.trilio.io/v1alpha1/protectiongroups'];
  for (const path of served) {
    while ((await cluster.request({ method: 'GET', path: `/apis/${path}` })).status !== 200) await cluster.pass();
  }
}

/** Creates groups that run, with everything that tells so: VMs, instances, claims that are bound, and their volumes. */
export async function populate(cluster: ClusterUnderTest, groups: readonly EstateGroup[]): Promise<void> {
  const namespaces = [...new Set(groups.map(({ namespace }) => namespace))];
  await inParallel(namespaces, (name) =>
    create(cluster, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
  );
  await create(cluster, '/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: estateNodes[0], labels: { 'linbit.com/hostname': estateNodes[0] } },
  });
  await create(cluster, '/apis/storage.k8s.io/v1/storageclasses', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: storageClass },
    provisioner: linstorDriver,
    reclaimPolicy: 'Retain',
    parameters: { placementCount: '2' },
  });
  const machines = groups.flatMap(({ namespace, machines: names }) => names.map((name) => ({ namespace, name })));
  await inParallel(machines, ({ namespace, name }) => createMachine(cluster, namespace, name));
  await inParallel(groups, ({ namespace, name, machines: names }) =>
    create(
      cluster,
      `/apis/siterecovery.trilio.io/v1alpha1/namespaces/${namespace}/protectiongroups`,
      newProtectionGroup(name, namespace, [...names], 'running') as unknown as JsonObject,
    ),
  );
}

async function createMachine(cluster: ClusterUnderTest, namespace: string, name: string): Promise<void> {
  const [kubevirt, core] = [`/apis/kubevirt.io/v1/namespaces/${namespace}`, `/api/v1/namespaces/${namespace}`];
  const size = { storage: '5Gi' };
  const shape = { accessModes: ['ReadWriteOnce'], volumeMode: 'Block', storageClassName: storageClass };
  const bound = await create(cluster, `${core}/persistentvolumeclaims`, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: { ...shape, resources: { requests: size }, volumeName: name },
  });
  await create(cluster, '/api/v1/persistentvolumes', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      ...shape,
      capacity: size,
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid: bound.uid ?? null },
      csi: { driver: linstorDriver, volumeHandle: name },
    },
  });
  await patchStatus(cluster, `${core}/persistentvolumeclaims/${name}`, { phase: 'Bound' });
  const volumes = [{ name: 'disk', persistentVolumeClaim: { claimName: name } }];
  const domain = { devices: { disks: [{ name: 'disk', disk: { bus: 'virtio' } }] }, memory: { guest: '1Gi' } };
  const machine = await create(cluster, `${kubevirt}/virtualmachines`, {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace },
    spec: { runStrategy: 'Always', template: { spec: { domain, volumes } } },
  });
  await patchStatus(cluster, `${kubevirt}/virtualmachines/${name}`, { created: true, ready: true });
  const owner = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    name,
    uid: machine.uid ?? '',
    controller: true,
  };
  await create(cluster, `${kubevirt}/virtualmachineinstances`, {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name, namespace, ownerReferences: [owner] },
    spec: { domain, volumes },
    status: {
      phase: 'Running',
      nodeName: estateNodes[0],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  });
}

async function create(cluster: ClusterUnderTest, path: string, body: JsonObject): Promise<{ readonly uid?: string }> {
  const { status, body: answer } = await cluster.request({ method: 'POST', path, body });
  if (status >= 300) throw new Error(`POST ${path} was answered with ${status}: ${JSON.stringify(answer)}`);
  return (answer as unknown as { readonly metadata: { readonly uid?: string } }).metadata;
}

async function patchStatus(cluster: ClusterUnderTest, path: string, status: JsonObject): Promise<void> {
  await patch(cluster, `${path}/status`, { status });
}

/** A merge patch. Throws with the answer when it is refused. */
export async function patch(cluster: ClusterUnderTest, path: string, body: JsonObject): Promise<void> {
  const headers = { 'content-type': 'application/merge-patch+json' };
  const { status, body: answer } = await cluster.request({ method: 'PATCH', path, headers, body });
  if (status >= 300) throw new Error(`PATCH ${path} was answered with ${status}: ${JSON.stringify(answer)}`);
}

async function inParallel<Item>(items: readonly Item[], act: (item: Item) => Promise<unknown>): Promise<void> {
  const rest = [...items].reverse();
  const work = async (): Promise<void> => {
    for (let item = rest.pop(); item !== undefined; item = rest.pop()) await act(item);
  };
  await Promise.all(Array.from({ length: width }, work));
}
