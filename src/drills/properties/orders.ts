import { numberAt, textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import type { ApiRequest, KubeRequest } from '../../model/request.ts';
import { isChange } from '../interference.ts';

/** True for a change of what a group is told, in an operation: it carries the epoch. */
export function isOrder(request: ApiRequest): request is KubeRequest {
  return (
    isChange(request) &&
    request.resource.plural === resources.protectionGroup.plural &&
    request.subresource === undefined &&
    numberAt(request.body, 'spec', 'epoch') !== undefined
  );
}

/** True for an order that tells a site to run the group. */
export function isStartOrder(request: ApiRequest): request is KubeRequest {
  return isOrder(request) && textAt(request.body, 'spec', 'desiredState') === 'running';
}

/** The operation that a host drives: `pgctl/<name>`, `failover-controller/<site>/<namespace>/<name>`. */
export function operationOf(host: string): string {
  return host.slice(host.lastIndexOf('/') + 1);
}
