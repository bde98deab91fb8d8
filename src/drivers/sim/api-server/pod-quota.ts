import { at, numberAt, objectAt, textAt } from '../../../model/json.ts';
import type { KubeObject, ResourceType } from '../../../model/kube.ts';
import { quantityValue } from './quantity.ts';
import type { ServerCore } from './server-core.ts';
import { forbidden } from './status-errors.ts';

const quotas: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'resourcequotas',
  kind: 'ResourceQuota',
  namespaced: true,
};
const pods: ResourceType = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };

/**
 * Admission plugin ResourceQuota for new pods: refuses one that is too many. Pods are counted, not what they request, and
 * quotas with scopes do not count. Source: `staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go`.
 */
export function admitByQuota(core: ServerCore, { metadata: { namespace = '', name } }: KubeObject): void {
  for (const quota of core.registry.find(quotas)?.store.list(namespace) ?? []) {
    if (at(quota, 'spec', 'scopes') !== undefined || at(quota, 'spec', 'scopeSelector') !== undefined) continue;
    const exceeded = exceededBy(core, namespace, quota);
    if (exceeded.length === 0) continue;
    const list = (value: (one: Exceeded) => number): string =>
      exceeded.map((one) => `${one.resource}=${value(one)}`).join(',');
    const amounts = `requested: ${list(() => 1)}, used: ${list(({ used }) => used)}, limited: ${list(({ hard }) => hard)}`;
    throw forbidden(pods, name, `exceeded quota: ${quota.metadata.name}, ${amounts}`);
  }
}

interface Exceeded {
  readonly resource: string;
  readonly used: number;
  readonly hard: number;
}

function exceededBy(core: ServerCore, namespace: string, quota: KubeObject): readonly Exceeded[] {
  const limits = objectAt(quota, 'spec', 'hard');
  const counted = ['count/pods', 'pods'].filter((resource) => limits[resource] !== undefined);
  if (counted.length === 0) return [];
  const present = core.registry.find(pods)?.store.list(namespace) ?? [];
  return counted
    .map((resource) => ({
      resource,
      used: resource === 'pods' ? present.filter(isAlive).length : present.length,
      hard: numberAt(limits, resource) ?? quantityValue(textAt(limits, resource)),
    }))
    .filter(({ used, hard }) => used + 1 > hard);
}

function isAlive(pod: KubeObject): boolean {
  const phase = textAt(pod, 'status', 'phase');
  return phase !== 'Succeeded' && phase !== 'Failed';
}
