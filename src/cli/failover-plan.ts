import { preflightChecks } from '../model/checks/preflight.ts';
import { unfinishedOperations } from '../model/failover.ts';
import { allPass, type CheckLine } from '../model/findings.ts';
import { type GroupView, groupView, type SiteView } from '../model/group-view.ts';
import { textAt } from '../model/json.ts';
import type { KubeObject } from '../model/kube.ts';
import type { VirtualMachineReading } from '../model/member-reading.ts';
import type { Observation } from '../model/observation.ts';
import type { SiteName } from '../model/site.ts';
import { readingOfSite } from '../model/site-reading.ts';

/** What a failover now would come to, from one observation; the dry run prints it, the real one starts from it. */
export interface FailoverPlan {
  readonly view: GroupView;
  readonly source: SiteName;
  readonly target: SiteName;
  readonly checks: readonly CheckLine[];
  readonly isReady: boolean;
  readonly runningVirtualMachines: number;
  /** Every VM runs on the target, and none on the source: there is nothing to do. */
  readonly isDone: boolean;
  /** The group is on the target, and these of its VMs do not run there: the target's controller keeps starting them. */
  readonly keptStarting: readonly VirtualMachineReading[];
  /** An operation on the group that nobody has ended. */
  readonly unfinished: UnfinishedOperation | undefined;
}

export interface UnfinishedOperation {
  readonly object: KubeObject;
  /** The site whose object it is: its target. */
  readonly site: SiteName;
  readonly target: SiteName;
}

export interface FailoverDirection {
  readonly namespace: string;
  readonly group: string;
  readonly source: SiteName;
  readonly target: SiteName;
  readonly withoutRoom?: boolean;
}

/** The plan of a failover in one direction. */
export function planFailover(observation: Observation, direction: FailoverDirection): FailoverPlan {
  const view = groupView(observation, direction);
  const checks = preflightChecks(view, direction.withoutRoom === true ? { withoutRoom: true } : {});
  const { source, target } = view;
  return {
    view,
    source: source.site,
    target: target.site,
    checks,
    isReady: allPass(checks),
    runningVirtualMachines: source.virtualMachines.filter((vm) => vm.power.state === 'running').length,
    isDone: isAt(target, 'running') && isAt(source, 'stopped'),
    keptStarting: isAt(source, 'stopped') && isOrderedToRun(target) ? notRunningOn(target) : [],
    unfinished: unfinishedOperation(view),
  };
}

/** True where the group is told to be in this state, and every VM is. */
export function isAt(site: SiteView, state: 'running' | 'stopped'): boolean {
  const desired = site.group.known ? site.group.value?.desiredState : undefined;
  return (
    desired === state && site.virtualMachines.length > 0 && site.virtualMachines.every((vm) => vm.power.state === state)
  );
}

function isOrderedToRun({ group }: SiteView): boolean {
  return group.known && group.value?.desiredState === 'running';
}

function notRunningOn({ virtualMachines }: SiteView): readonly VirtualMachineReading[] {
  return virtualMachines.filter(({ power }) => power.state !== 'running');
}

function unfinishedOperation(view: GroupView): UnfinishedOperation | undefined {
  for (const site of [view.target, view.source]) {
    const operations = readingOfSite(site, 'operations');
    if (!operations.known) continue;
    // A copy of an operation on another site than its target is for reading only.
    const own = unfinishedOperations(operations.value, view.scope.group).filter(
      (object) => textAt(object, 'spec', 'targetCluster') === site.site,
    );
    const [first] = own;
    if (first !== undefined) return { object: first, site: site.site, target: site.site };
  }
  return undefined;
}
