/** One run of kubectl: what comes on its command line, and on its standard input. */
export interface Command {
  readonly args: string;
  readonly input?: string;
}

const run = (args: string, input?: string): Command => (input === undefined ? { args } : { args, input });

const config = (value: string, more = ''): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: side}}
data: {colour: ${value}}
${more}`;

const web = (image: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: side}}
spec:
  schedulerName: nobody
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 0
  tolerations: [{key: spot, operator: Exists}]
  containers:
    - name: main
      image: ${image}
      ports: [{containerPort: 80, name: http}]
      env: [{name: COLOUR, value: blue}]
      resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 1Gi}}
      volumeMounts: [{name: disk, mountPath: /data}]
  volumes: [{name: disk, persistentVolumeClaim: {claimName: disk}}]
`;

const claim = (size: string): string => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: disk, labels: {app: side}}
spec: {accessModes: [ReadWriteOnce], storageClassName: by-hand, volumeName: side-disk, resources: {requests: {storage: ${size}}}}
`;

const volume = `
apiVersion: v1
kind: PersistentVolume
metadata: {name: side-disk, labels: {app: side}}
spec:
  accessModes: [ReadWriteOnce]
  capacity: {storage: 1024Mi}
  storageClassName: by-hand
  persistentVolumeReclaimPolicy: Retain
  csi: {driver: disks.example.com, volumeHandle: handle-1}
`;

const shop = (replicas: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {app: side}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: main, image: "shop:1"}]}
`;

const group = (spec: string): string => `
apiVersion: siterecovery.trilio.io/v1alpha1
kind: ProtectionGroup
metadata: {name: side-pg}
spec: ${spec}
`;

const failover = (target: string): string => `
apiVersion: siterecovery.trilio.io/v1alpha1
kind: Failover
metadata: {name: side-failover}
spec: {protectionGroup: side-pg, sourceCluster: cluster1, targetCluster: ${target}, mode: planned}
`;

const operation = (spec: string): string => `
apiVersion: drbd.io/v1alpha1
kind: DRBDOperation
metadata: {name: side-operation}
spec: {volume: side, node: n1, ${spec}}
`;

const drbdVolume = `
apiVersion: drbd.io/v1alpha1
kind: DRBDVolume
metadata: {name: side}
spec:
  size: 10Gi
  replicationPolicy: geo
  replicas: [{node: n1, cluster: side, nodeID: 0, type: Diskful}, {node: n2, cluster: side, nodeID: 1, type: Client}]
`;

const told =
  '{"status":{"nodes":[{"node":"n1","agent":"a","role":"Secondary","disk":"UpToDate"},{"node":"n2","agent":"b","role":"Primary","disk":"Diskless"}]}}';

const vms = 'virtualMachines: [{name: prod-vm-1}]';

/** What a person does with kubectl, in order: each command sees what those before it did. */
export const commands: readonly Command[] = [
  // Objects of built-in kinds.
  run('create namespace side'),
  run('apply -f -', config('blue')),
  run('apply -f -', config('blue')),
  run('apply -f -', config('red')),
  run('apply -f -', volume),
  run('apply -f -', claim('1Gi')),
  run('wait pvc/disk --for=jsonpath={.status.phase}=Bound --timeout=30s'),
  run('apply -f -', web('web:1')),
  run('get configmap,pod,pvc'),
  run('get pvc,pod -o wide'),
  run('get pv side-disk -o wide'),
  run('get pod web -o yaml'),
  run('get pvc disk -o yaml'),
  run('get configmap settings -o json'),
  run('get pods -l app=side -o custom-columns=NAME:.metadata.name,CLASS:.status.qosClass'),
  run('get pods,pvc -l app=side -o name'),
  run('describe pod web'),
  run('describe pvc disk'),
  run('describe pv side-disk'),
  run('describe configmap settings'),
  // Refusals.
  run('get configmap nobody'),
  run('get nothing'),
  run('get pods --field-selector spec.image=x'),
  run('get pods -l app=='),
  run('get pods -l ,'),
  run('create -f -', config('blue')),
  run('apply -f -', config('blue', 'dta: {}')),
  run('apply -f -', claim('big')),
  run('apply -f -', web('web:1').replace('500m', '1500m')),
  run('apply -f -', web('web:2').replace('restartPolicy', 'x').replace('kind: Pod', 'kind: Pid')),
  run('apply -f -', web('web:1').replace('name: main', 'name: Main_1').replace('name: web', 'name: web2')),
  run('replace -f -', config('green').replace('labels', 'resourceVersion: "1", labels')),
  run('delete configmap nobody'),
  run('create configmap settings --from-literal=a=b'),
  // Patches, labels, server-side apply.
  run('patch pod web -p {"metadata":{"annotations":{"note":"a"}}}'),
  run('patch pod web -p {"metadata":{"annotations":{"note":"a"}}}'),
  run(
    'patch configmap settings --type json -p [{"op":"test","path":"/data/colour","value":"red"},{"op":"remove","path":"/data/none"}]',
  ),
  run('patch configmap settings --type merge -p {"data":{"size":"9"}}'),
  run('patch configmap settings --type merge -p {"data":{"size":9}}'),
  run('label pod web tier=front'),
  run('label pod web tier=back'),
  run('label pod web tier=back --overwrite'),
  run('annotate pod web note- why=because'),
  run('apply --server-side -f -', config('red')),
  run('apply --server-side --field-manager=other -f -', config('green')),
  run('apply --server-side --field-manager=other --force-conflicts -f -', config('green')),
  run('get configmap settings -o yaml --show-managed-fields'),
  run('diff -f -', config('grey')),
  run('set image pod/web main=web:2'),
  run('auth can-i create pods'),
  run('auth can-i create pods --as nobody-here'),
  run('get pods --as nobody-here'),
  // A workload.
  run('apply -f -', shop(0)),
  run('rollout status deployment/shop --timeout=30s'),
  run('get deployment shop'),
  run('scale deployment shop --replicas=0 --current-replicas=3'),
  run('scale pod web --replicas=2'),
  run('apply -f -', shop(0).replace('matchLabels: {app: shop}', 'matchLabels: {app: stall}')),
  run('delete deployment shop'),
  // The product's own resources.
  run('api-resources --api-group=siterecovery.trilio.io'),
  // `explain pg` alone shows texts of Kubernetes' own, which the lab's schemas leave out.
  run('explain protectiongroups.spec'),
  run('explain pg.spec.virtualMachines --recursive'),
  run('explain failover.spec.targetCluster'),
  run('explain pg.spec.nothing'),
  run('get pg'),
  run('get pg side-pg'),
  run('apply --dry-run=server -f -', group(`{${vms}, desiredState: running}`)),
  run('create --dry-run=server -o yaml -f -', group(`{${vms}, desiredState: running}`)),
  run('create -f -', group(`{${vms}, desiredState: asleep}`)),
  run('create -f -', group(`{${vms}, colour: red}`)),
  run('create --dry-run=server --validate=warn -f -', group(`{${vms}, desiredState: running, colour: red}`)),
  run('create -f -', group('{virtualMachines: prod-vm-1}')),
  run('create -f -', group('{}')),
  run('create -f -', failover('cluster1')),
  run('apply --server-side --dry-run=server -f -', failover('cluster1')),
  run('get crd protectiongroups.siterecovery.trilio.io -o jsonpath={.status.conditions[*].type}'),
  // DRBD Operator's.
  run('create -f -', drbdVolume),
  run('create -f -', drbdVolume.replace('node: n2', 'node: n1').replace('name: side}', 'name: twice}')),
  run(`patch dv side --subresource=status --type=merge -p ${told}`),
  run('get dv'),
  run('get drbdvolumes -o wide'),
  run('explain drbdvolume.status.nodes'),
  run('create -f -', operation('type: Connect, precondition: {role: Secondary}')),
  run('create -f -', operation('type: Demote, peer: n2, precondition: {role: Primary}')),
  run('create -f -', operation('type: Demote')),
  run('create -f -', operation('type: Snapshot')),
  run('create -f -', operation('type: Snapshot, snapshot: before')),
  run('apply -f -', operation('type: Snapshot, snapshot: after')),
  run('get dop -o wide'),
  run('delete dv,dop --all'),
  // The end.
  run('wait configmap/settings --for=condition=Ready --timeout=1s'),
  run('delete pod web'),
  run('wait pod/web --for=delete --timeout=30s'),
  run('delete pvc/disk pv/side-disk'),
  run('delete configmap settings'),
  run('get configmap,pod,pvc'),
  run('delete namespace side'),
];

/** An output without what differs from server to server and from moment to moment. */
export function masked(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replaceAll(/(resourceVersion[\\"]*: ?[\\"]*)\d+/g, '$1VERSION')
    .replaceAll(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]+ [+-]\d{4}/g, 'TIME')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'SERVER')
    .replaceAll(/\/tmp\/(LIVE|MERGED)-\d+/g, '$1')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/g, 'TIME')
    .replaceAll(/ {2,}\d+[smh](?= |$)/gm, '  AGE');
}
