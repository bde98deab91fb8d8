import { timestamp } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ApiServer, SubresourceHandler } from '../../api-server/api-server.ts';
import { conflict, notFound } from '../../api-server/status-errors.ts';
import type { Answer } from '../../behaviour.ts';
import { asJson } from '../cluster-writes.ts';
import { withCondition } from '../conditions.ts';

const succeeded: Answer = {
  status: 201,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
};

/** POST `…/pods/{name}/binding`: puts a pod on a node (`assignPod` in `pkg/registry/core/pod/storage/storage.go`). */
export function podBinding(api: ApiServer): SubresourceHandler {
  return {
    resource: resources.pod,
    subresource: 'binding',
    verbs: ['create'],
    handle({ namespace = '', name = '', body }) {
      const pod = api.get(resources.pod, namespace, name);
      if (pod === undefined) throw notFound(resources.pod, name);
      const present = textAt(pod, 'spec', 'nodeName');
      if (present !== undefined) {
        throw conflict(
          { group: '', plural: 'pods/binding' },
          name,
          `pod ${name} is already assigned to node "${present}"`,
        );
      }
      const nodeName = textAt(body, 'target', 'name') ?? '';
      const place = { resource: resources.pod, namespace, name };
      const spec = { ...pod.spec, nodeName };
      const placed = api.requestFromInside({ verb: 'update', ...place, body: asJson({ ...pod, spec }) });
      if (placed.status >= 300) return placed;
      const bound = api.get(resources.pod, namespace, name);
      if (bound !== undefined) {
        const status = withPodScheduled(bound, timestamp(api.settings.wallNow()));
        api.requestFromInside({ verb: 'update', subresource: 'status', ...place, body: asJson({ ...bound, status }) });
      }
      return succeeded;
    },
  };
}

/** POST `…/pods/{name}/eviction`: a delete, as no disruption budgets are simulated. */
export function podEviction(api: ApiServer): SubresourceHandler {
  return {
    resource: resources.pod,
    subresource: 'eviction',
    verbs: ['create'],
    handle({ namespace = '', name = '' }) {
      const answer = api.request({ verb: 'delete', resource: resources.pod, namespace, name });
      return answer.status < 300 ? succeeded : answer;
    },
  };
}

function withPodScheduled(pod: KubeObject, now: string): ReturnType<typeof objectAt> {
  const conditions = withCondition(
    listAt(pod, 'status', 'conditions'),
    { type: 'PodScheduled', status: 'True' },
    { lastTransitionTime: now },
  );
  return { ...objectAt(pod, 'status'), conditions };
}
