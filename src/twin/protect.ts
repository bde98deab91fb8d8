import { groupView } from '../model/group-view.ts';
import type { Json } from '../model/json.ts';
import { resources } from '../model/kube.ts';
import { observationOf } from '../model/observation.ts';
import { planSiteReads, planStorageReads, planVolumeReads, type Subject } from '../model/read-plan.ts';
import { newProtectionGroup } from '../model/protection-group.ts';
import type { ApiRequest, KubeRequest, Outcome } from '../model/request.ts';
import type { SiteName } from '../model/site.ts';
import { planSync, type SyncStep } from '../model/sync-plan.ts';
import type { Twin } from './twin.ts';

export interface GroupToProtect {
  readonly namespace: string;
  readonly group: string;
  readonly source: SiteName;
  readonly target: SiteName;
  readonly virtualMachines: readonly string[];
}

const subjects: readonly Subject[] = [
  'namespace',
  'virtualMachines',
  'instances',
  'claims',
  'volumes',
  'nodes',
  'secrets',
  'configMaps',
];

/**
 * Copies the definitions of VMs to the target and creates the group on both sites, as `pgctl create` does, in no time.
 * Answers what it has sent.
 */
export function protectGroup(twin: Twin, order: GroupToProtect): readonly KubeRequest[] {
  const { namespace, group, source, target, virtualMachines } = order;
  const sent: KubeRequest[] = [];
  const send = (request: KubeRequest): void => {
    mustApply(twin, request);
    sent.push(request);
  };
  for (const { request, finding } of syncStepsOf(twin, order)) {
    if (finding?.severity === 'error') throw new Error(`${finding.what}: ${finding.why}`);
    if (request !== undefined) send(request);
  }
  // The standby first, and stopped: at no moment is a site told to run VMs that run elsewhere.
  for (const [site, desiredState] of [[target, 'stopped'] as const, [source, 'running'] as const]) {
    const body = newProtectionGroup(group, namespace, virtualMachines, desiredState) as unknown as Json;
    send({ api: 'kube', site, verb: 'create', resource: resources.protectionGroup, namespace, body });
  }
  return sent;
}

/** What a sync of these VMs has to do at this moment, as `pgctl sync` plans it. */
export function syncStepsOf(twin: Twin, order: GroupToProtect): readonly SyncStep[] {
  const { source, target } = order;
  const plan = [
    ...planSiteReads(source, subjects, order),
    ...planSiteReads(target, subjects, order),
    ...(twin.storageBackend === 'linstor'
      ? planStorageReads(['linstorResources', 'linstorNodes'])
      : planVolumeReads(twin.storageBackend, [source, target], order)),
  ];
  const outcomes = plan.map(({ request }) => answerTo(twin, request));
  return planSync(groupView(observationOf(plan, outcomes, twin.world.wall()), order));
}

/** Sends a request that nothing may go wrong with. */
export function mustApply(twin: Twin, request: ApiRequest): Json {
  const outcome = answerTo(twin, request);
  if (outcome.kind === 'applied') return outcome.body;
  throw new Error(`The world did not apply ${JSON.stringify(request)}: ${outcome.message}`);
}

/** What a request from the operator's desk brings at this moment. */
export function answerTo(twin: Twin, request: ApiRequest): Outcome {
  const outcome = twin.world.perform(request, 'operator');
  if (outcome.kind === 'hang') return { kind: 'unknown', reason: 'timeout', message: 'no answer' };
  return outcome;
}
