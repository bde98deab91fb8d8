import type { FailoverContext } from '../../machines/failover/context.ts';
import { failoverMachine } from '../../machines/failover/machine.ts';
import type { Fact } from '../../machines/definition.ts';
import type { FailoverView } from '../../model/failover-view.ts';
import type { SiteView } from '../../model/group-view.ts';
import type { MachineStep } from '../coverage/machine-probe.ts';
import type { Stage } from '../stage.ts';
import type { Mark, MarkFamily } from './mark.ts';

const seen = {
  overlap: mark('two faults at once', 'Something breaks while something else is broken.'),
  withoutQuorumSite: mark(
    'success without the quorum site',
    'An operation succeeds while the quorum site does not answer.',
  ),
  higherEpoch: mark(
    'a higher epoch is seen',
    'An operation finds that a later one has ordered the group, and orders nothing more.',
  ),
  partialStart: mark(
    'a partial start is completed',
    'Some VMs run on the target and some do not, and in the end all do.',
  ),
  lateRelease: mark(
    'a lock is let go of',
    'A volume is held open after its VM has stopped, and DRBD demotes it in time.',
  ),
} as const;

/** What operations may live through. */
export const operationMarks: MarkFamily = {
  title: 'Operations',
  marks: Object.values(seen),
  watch: (stage, reach) => {
    const partial = new Set<string>();
    stage.onStep.add((step) => {
      if (step.after.machine !== failoverMachine.id) return;
      const { request } = step.after.context as FailoverContext;
      if (stage.faults.list().length > 1) reach(seen.overlap.id);
      if (seesHigherEpoch(step)) reach(seen.higherEpoch.id);
      if (letsGoOfLock(step)) reach(seen.lateRelease.id);
      if (step.before.state === 'monitoringStartup' && startsInPart(step)) partial.add(request.name);
      if (step.after.state !== 'succeeded') return;
      if (partial.has(request.name)) reach(seen.partialStart.id);
      if (quorumSiteIsAway(stage)) reach(seen.withoutQuorumSite.id);
    });
  },
};

function mark(id: string, says: string): Mark {
  return { id, says, reach: 'random' };
}

function viewOf({ fact }: MachineStep): FailoverView | undefined {
  return fact.type === 'observed' ? (fact as Extract<Fact<FailoverView>, { type: 'observed' }>).view : undefined;
}

function seesHigherEpoch(step: MachineStep): boolean {
  const { epoch } = step.before.context as FailoverContext;
  const group = viewOf(step)?.group;
  return epoch > 0 && group !== undefined && [group.source, group.target].some((site) => epochAt(site) > epoch);
}

function epochAt({ group }: SiteView): number {
  return group.known ? (group.value?.epoch ?? 0) : 0;
}

function startsInPart(step: MachineStep): boolean {
  const states = viewOf(step)?.group.target.virtualMachines.map(({ power }) => power.state === 'running') ?? [];
  return states.includes(true) && states.includes(false);
}

function letsGoOfLock({ before, after }: MachineStep): boolean {
  const [earlier, later] = [before, after].map(({ context }) => (context as FailoverContext).locks);
  if (earlier === undefined || later === undefined || earlier === later) return false;
  return Object.entries(later).some(
    ([volume, { state }]) => state === 'released' && earlier[volume]?.state === 'releasing',
  );
}

function quorumSiteIsAway({ twin: { sites, world } }: Stage): boolean {
  const site = sites.find(({ role }) => role === 'quorum')?.name;
  return site !== undefined && world.network.reach('operator', site) !== 'open';
}
