import { timestamp } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt, type Json, type JsonObject } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import type { Guest, GuestEnd } from '../../guests.ts';
import { recordEvent } from '../cluster-events.ts';
import { replaceObject } from '../cluster-writes.ts';
import { conditionHolds, conditionIn, withCondition, withCopiedCondition, withoutCondition } from '../conditions.ts';
import { addressOfPod } from '../node/addresses.ts';
import { phaseOf } from './virtual-machine.ts';
import { withPhase } from './vmi-status.ts';

/** The domain runs: phase Running, with what is known of the guest from outside. */
export function reportRunning(port: ClusterPort, vmi: KubeObject, guest: Guest): void {
  say(port, vmi, guest.node, 'Normal', 'Created', 'VirtualMachineInstance defined.');
  const status = objectAt(vmi, 'status');
  let conditions = listAt(status, 'conditions');
  for (const type of ['LiveMigratable', 'StorageLiveMigratable']) {
    conditions = withCopiedCondition(conditions, migratability(vmi, type));
  }
  const isMigratable = textAt(conditionIn(conditions, 'LiveMigratable'), 'status') === 'True';
  const running = withPhase(port, 'Running', {
    ...status,
    conditions,
    interfaces: interfacesOf(vmi, guest),
    machine: { type: 'pc-q35-rhel9.6.0' },
    migrationMethod: isMigratable ? 'LiveMigration' : 'BlockMigration',
    selinuxContext: 'none',
    volumeStatus: targetsOf(vmi),
  });
  writeStatus(port, vmi, running);
  say(port, vmi, guest.node, 'Normal', 'Started', 'VirtualMachineInstance started.');
}

/** The guest's agent answered. */
export function reportAgent(port: ClusterPort, vmi: KubeObject): void {
  const status = objectAt(vmi, 'status');
  const conditions = withCopiedCondition(listAt(status, 'conditions'), {
    lastProbeTime: timestamp(port.wallNow),
    lastTransitionTime: null,
    status: 'True',
    type: 'AgentConnected',
  });
  writeStatus(port, vmi, { ...status, conditions, guestOSInfo: guestSystem });
}

const guestSystem: JsonObject = {
  id: 'fedora',
  kernelRelease: '6.11.4-301.fc41.x86_64',
  machine: 'x86_64',
  name: 'Fedora Linux',
  prettyName: 'Fedora Linux 41 (Cloud Edition)',
  version: '41 (Cloud Edition)',
  versionId: '41',
};

/** The guest was paused by an I/O error, or goes on. True when that was news. */
export function reportPause(port: ClusterPort, vmi: KubeObject, guest: Guest): boolean {
  const isPaused = guest.phase === 'paused';
  if (isPaused === conditionHolds(vmi, 'Paused') || phaseOf(vmi) !== 'Running') return false;
  const status = objectAt(vmi, 'status');
  const now = timestamp(port.wallNow);
  const conditions = isPaused
    ? withCondition(listAt(status, 'conditions'), pausedByError, { lastProbeTime: now, lastTransitionTime: now })
    : withoutCondition(listAt(status, 'conditions'), 'Paused');
  writeStatus(port, vmi, { ...status, conditions });
  return true;
}

const pausedByError = {
  type: 'Paused',
  status: 'True',
  reason: 'PausedIOError',
  message: 'VMI was paused, low-level IO error detected',
} as const;

/** The guest was asked to shut down, or is destroyed. */
export function reportStopping(port: ClusterPort, vmi: KubeObject, guest: Guest, how?: 'gracefully'): void {
  if (how === 'gracefully') say(port, vmi, guest.node, 'Normal', 'ShuttingDown', 'Signaled Graceful Shutdown');
  else say(port, vmi, guest.node, 'Normal', 'Deleted', 'VirtualMachineInstance stopping');
}

/** The domain is gone: Succeeded after a shutdown, Failed after anything else (`calculateVmPhaseForStatusReason`). */
export function reportEnd(port: ClusterPort, vmi: KubeObject, node: string, end: GuestEnd): void {
  const isGood = end === 'shutdown';
  const status = objectAt(vmi, 'status');
  const conditions = withoutCondition(withoutCondition(listAt(status, 'conditions'), 'AgentConnected'), 'Paused');
  writeStatus(port, vmi, withPhase(port, isGood ? 'Succeeded' : 'Failed', { ...status, conditions }));
  if (isGood) say(port, vmi, node, 'Normal', 'Stopped', 'The VirtualMachineInstance was shut down.');
  else say(port, vmi, node, 'Warning', 'Stopped', 'The VirtualMachineInstance crashed.');
}

// Shared storage makes a VM migratable: `calculateLiveMigrationCondition` in pkg/virt-handler/vm.go.
function migratability(vmi: KubeObject, type: string): JsonObject {
  const single = listAt(vmi, 'status', 'volumeStatus').find((volume) => {
    const modes = listAt(volume, 'persistentVolumeClaimInfo', 'accessModes');
    return modes.length > 0 && !modes.includes('ReadWriteMany');
  });
  if (single === undefined) return { lastProbeTime: null, lastTransitionTime: null, status: 'True', type };
  const claim = textAt(single, 'persistentVolumeClaimInfo', 'claimName') ?? '';
  return {
    lastProbeTime: null,
    lastTransitionTime: null,
    message: `cannot migrate VMI: PVC ${claim} is not shared, live migration requires that all PVCs must be shared (using ReadWriteMany access mode)`,
    reason: 'DisksNotLiveMigratable',
    status: 'False',
    type,
  };
}

// A MAC address that the template does not give is made up at each start.
function interfacesOf(vmi: KubeObject, guest: Guest): readonly Json[] {
  const digits = (vmi.metadata.uid ?? '').replaceAll('-', '').padEnd(6, '0');
  const drawn = ['02', '00', '00', digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6)].join(':');
  const wanted = listAt(vmi, 'spec', 'domain', 'devices', 'interfaces');
  return listAt(vmi, 'status', 'interfaces').map((entry) => {
    const given = wanted.find((one) => textAt(one, 'name') === textAt(entry, 'name'));
    const mac = textAt(given, 'macAddress') ?? drawn;
    const ipAddress = addressOfPod(guest.podUid);
    const link = { infoSource: 'domain', ipAddress, ipAddresses: [ipAddress], linkState: 'up', mac, queueCount: 1 };
    return { ...(entry as JsonObject), ...link };
  });
}

function targetsOf(vmi: KubeObject): readonly Json[] {
  const order = listAt(vmi, 'spec', 'volumes').map((volume) => textAt(volume, 'name'));
  return listAt(vmi, 'status', 'volumeStatus').map((entry) => {
    const index = Math.max(0, order.indexOf(textAt(entry, 'name')));
    return { ...(entry as JsonObject), target: `vd${String.fromCharCode('a'.charCodeAt(0) + index)}` };
  });
}

function writeStatus(port: ClusterPort, vmi: KubeObject, status: JsonObject): void {
  replaceObject(port, resources.virtualMachineInstance, { ...vmi, status });
}

function say(
  port: ClusterPort,
  vmi: KubeObject,
  host: string,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  recordEvent(port, vmi, { type, reason, message, component: 'virt-handler', host });
}
