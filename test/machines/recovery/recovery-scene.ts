import type { MachineRecord } from '../../../src/machines/definition.ts';
import { claimOf, type RecoveryContext } from '../../../src/machines/recovery/context.ts';
import { recoveryDefinition } from '../../../src/machines/recovery/definition.ts';
import { leaseSitesOf } from '../../../src/machines/operation/leases.ts';
import { cancelIsRequested } from '../../../src/model/failover.ts';
import type { Json } from '../../../src/model/json.ts';
import { known, unknown } from '../../../src/model/known.ts';
import type { KubeObject } from '../../../src/model/kube.ts';
import { recoveryConsents, recoveryEvidence } from '../../../src/model/recovery/recovery-evidence.ts';
import { newRecovery, type RecoveryRequest } from '../../../src/model/recovery/recovery-request.ts';
import type { RecoveryView } from '../../../src/model/recovery/recovery-view.ts';
import { begin } from '../../../src/runtime/step.ts';
import { ReunionLab } from '../../model/recovery/reunion-lab.ts';

export type Record = MachineRecord<RecoveryContext>;

export const sceneStart = Date.UTC(2026, 0, 1);

const thin = ['a', 'b'].map((node) => ({
  name: 'vol',
  node_name: node,
  volumes: [{ provider_kind: 'LVM_THIN' }],
}));

/** Both copies have been written to while they were apart; with `open` the one on b is held open still. */
export function parted({ open = false } = {}): ReunionLab {
  const lab = new ReunionLab();
  lab.cut('a', 'b');
  lab.notice();
  lab.open('a');
  lab.write('a', 3);
  lab.open('b');
  lab.write('b', 2);
  lab.close('a');
  if (!open) lab.close('b');
  lab.heal('a', 'b');
  lab.settle();
  return lab;
}

export const order: RecoveryRequest = {
  name: 'pg-r1',
  namespace: 'default',
  group: 'pg',
  action: 'Resolve',
  driver: 'site-a',
  other: 'site-b',
  survivor: 'site-a',
  snapshot: true,
  consents: [],
  requestedBy: { user: 'operator', host: 'desk', client: 'pgctl' },
};

const { survivor: _survivor, ...rest } = order;

export const verifyOrder: RecoveryRequest = { ...rest, action: 'Verify' };

/** What a process that holds the Leases sees of a lab; `changes` says what is otherwise. */
export function viewOf(lab: ReunionLab, record: Record, changes: Partial<RecoveryView> = {}): RecoveryView {
  const volume = lab.look();
  const operation = changes.operation ?? known(newRecovery(record.context.request));
  return {
    epoch: 3,
    volumes: [volume],
    storage: known(thin as unknown as Json),
    leases: leasesOf(record, record.context.holder),
    operation,
    cancelRequested: operation.known && operation.value !== undefined && cancelIsRequested(operation.value),
    failovers: known([]),
    satellites: volume.copies.map(({ satellite }) => satellite),
    snapshots: unknown('LINSTOR was not asked'),
    ...changes,
  };
}

/** Every Lease, held by somebody. */
export function leasesOf({ context }: Record, holder: string): RecoveryView['leases'] {
  const lease = known({ holder, renewTime: '', transitions: 0, resourceVersion: '1' });
  return Object.fromEntries(leaseSitesOf(claimOf(context)).map((site) => [site, lease]));
}

/** The order with everything accepted that the lab asks for now. */
export function accepted(request: RecoveryRequest, lab: ReunionLab): RecoveryRequest {
  const scene = { epoch: 3, volumes: [lab.look()], storage: known(thin as unknown as Json) };
  return {
    ...request,
    consents: recoveryConsents(recoveryEvidence(request, scene), 'operator', '2026-01-01T00:00:00Z'),
  };
}

export function beginningOf(request: RecoveryRequest): Record {
  const input = { request, holder: 'me', otherSites: ['site-c'], patient: false };
  return begin(recoveryDefinition, { ...input, now: sceneStart }, sceneStart).record;
}

/** The snapshot of b's copy, as LINSTOR lists it. */
export function snapshotsOf({ context }: Record, ...flags: readonly string[]): RecoveryView['snapshots'] {
  const name = `before-recovery-${Math.floor(context.startedAt / 1000)}`;
  return known([{ name, resource_name: 'vol', nodes: ['b'], flags: [...flags] }]);
}

/** The object of an operation, with a change. */
export function objectOf(record: Record, status?: KubeObject['status'], cancel = false): KubeObject {
  const created = newRecovery(record.context.request);
  const { spec } = created;
  return { ...created, ...(status === undefined ? {} : { status }), ...(cancel ? { spec: { ...spec, cancel } } : {}) };
}
