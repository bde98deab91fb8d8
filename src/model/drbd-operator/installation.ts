/** Name of DRBD Operator's CSI driver: the provisioner of its StorageClasses, whose volume handles are names of DRBDVolumes. */
export const drbdOperatorDriver = 'csi.drbd.io';

/** The parameter of its StorageClasses that names the DRBDReplicationPolicy. */
export const policyParameter = 'replicationPolicy';

/** Where the operator and its node agents live. */
export const drbdOperatorNamespace = 'drbd-operator';

/** The label by which the agents are picked among the pods of a cluster; one runs on each node that takes part. */
export const componentLabel = 'app.kubernetes.io/component';
export const agentComponent = 'drbd-agent';
