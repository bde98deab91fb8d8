import { timestamp } from '../../../model/instant.ts';
import type { JsonObject } from '../../../model/json.ts';
import { listAt, numberAt, objectAt, textAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import type { Answer } from '../behaviour.ts';
import { deleteObject } from './deleting.ts';
import { getObject } from './reading.ts';
import type { RequestContext, ServerCore } from './server-core.ts';
import { badRequest, conflict, failure } from './status-errors.ts';

/** `pods/binding`: what a scheduler does to put a pod on a node (`BindingREST` of pkg/registry/core/pod/storage). */
export function bindPod(core: ServerCore, context: RequestContext): Answer {
  const { resource, request } = context;
  const pod = getObject(context);
  const node = textAt(request.body, 'target', 'name') ?? '';
  if (node === '') throw badRequest('target.name is required');
  const refuse = (why: string): Error => conflict({ group: '', plural: 'pods/binding' }, pod.metadata.name, why);
  const uid = textAt(request.body, 'metadata', 'uid');
  if (uid !== undefined && uid !== pod.metadata.uid) {
    throw refuse(`Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`);
  }
  if (pod.metadata.deletionTimestamp !== undefined)
    throw refuse(`pod ${pod.metadata.name} is being deleted, cannot be assigned to a host`);
  const present = textAt(pod, 'spec', 'nodeName') ?? '';
  if (present !== '') throw refuse(`pod ${pod.metadata.name} is already assigned to node "${present}"`);
  const scheduled = {
    lastProbeTime: null,
    lastTransitionTime: timestamp(core.wallNow()),
    status: 'True',
    type: 'PodScheduled',
  };
  const others = listAt(pod, 'status', 'conditions').filter(
    (condition) => textAt(condition, 'type') !== 'PodScheduled',
  );
  const bound: KubeObject = {
    ...pod,
    spec: { ...pod.spec, nodeName: node },
    status: { ...pod.status, conditions: [...others, scheduled] },
  };
  if (!context.dryRun) core.commit(resource, 'MODIFIED', bound, pod);
  return { status: 201, body: success };
}

const success: JsonObject = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** `pods/eviction`: a delete that asks the PodDisruptionBudgets first. */
export function evictPod(core: ServerCore, context: RequestContext): Answer {
  const pod = getObject(context);
  const budget = blockingBudget(core, pod);
  if (budget !== undefined) throw tooManyDisruptions(budget);
  const options = objectAt(context.request.body, 'deleteOptions');
  const { body: _, ...request } = context.request;
  deleteObject(core, { ...context, request: { ...request, body: options } }, pod);
  return { status: 201, body: success };
}

const budgetType = {
  group: 'policy',
  version: 'v1',
  plural: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
  namespaced: true,
} as const;

function blockingBudget(core: ServerCore, pod: KubeObject): KubeObject | undefined {
  const phase = textAt(pod, 'status', 'phase');
  if (phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending') return undefined;
  const budgets = core.registry.find(budgetType)?.store.list(pod.metadata.namespace) ?? [];
  return budgets.find((budget) => {
    const wanted = Object.entries(objectAt(budget, 'spec', 'selector', 'matchLabels'));
    const covers = wanted.length > 0 && wanted.every(([key, value]) => pod.metadata.labels?.[key] === value);
    return covers && (numberAt(budget, 'status', 'disruptionsAllowed') ?? 0) <= 0;
  });
}

function tooManyDisruptions(budget: KubeObject): Error {
  const needed = numberAt(budget, 'status', 'desiredHealthy') ?? 0;
  const healthy = numberAt(budget, 'status', 'currentHealthy') ?? 0;
  const message = `The disruption budget ${budget.metadata.name} needs ${needed} healthy pods and has ${healthy} currently`;
  return failure({
    code: 429,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: { causes: [{ reason: 'DisruptionBudget', message }] },
  });
}
