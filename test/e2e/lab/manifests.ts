/** A claim as a person writes it, on the lab's replicated StorageClass. */
export function claim(name: string, volumeMode: 'Block' | 'Filesystem', storageClass = 'linstor-replicated'): string {
  return `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}}
spec:
  accessModes: [ReadWriteOnce]
  volumeMode: ${volumeMode}
  storageClassName: ${storageClass}
  resources: {requests: {storage: 5Gi}}
`;
}

/** A VM with the disks of some claims, and further volumes in YAML's flow style: `{name: init, …}`. */
export function machine(
  name: string,
  strategy: string,
  claims: readonly string[],
  ...extra: readonly string[]
): string {
  const volumes = [...claims.map((one) => `{name: ${one}, persistentVolumeClaim: {claimName: ${one}}}`), ...extra];
  const disks = volumes.map((volume) => /^\{name: ([\w-]+),/.exec(volume)?.[1] ?? '');
  return `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: ${name}}
spec:
  runStrategy: ${strategy}
  template:
    spec:
      terminationGracePeriodSeconds: 30
      domain:
        memory: {guest: 1Gi}
        devices:
          disks: [${disks.map((disk) => `{name: ${disk}, disk: {bus: virtio}}`).join(', ')}]
          interfaces: [{name: default, masquerade: {}}]
      networks: [{name: default, pod: {}}]
      volumes: [${volumes.join(', ')}]
`;
}
