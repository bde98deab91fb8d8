import { objectAt, type JsonObject } from '../../../model/json.ts';
import { resources, type KubeObject } from '../../../model/kube.ts';
import type { Answer, LocalRequest } from '../behaviour.ts';
import type { ApiServer, SubresourceHandler } from '../api-server/api-server.ts';
import { asJson } from '../behaviours/cluster-writes.ts';
import { instancetypeOf } from '../behaviours/kubevirt/instancetype.ts';
import { withSize } from '../behaviours/kubevirt/vm-instance.ts';
import { powerResource } from './power-subresources.ts';
import { badRequest, internalError, notFound } from './refusals.ts';

/** What consoles read of a VM: GET `…/virtualmachines/{name}/expand-spec` and `…/objectgraph`, whose feature gate is off. */
export function viewSubresources(api: ApiServer): readonly SubresourceHandler[] {
  const view = (subresource: string, show: (vm: KubeObject) => Answer): SubresourceHandler => ({
    resource: powerResource,
    subresource,
    verbs: ['get'],
    handle: ({ namespace = '', name = '' }: LocalRequest) => {
      const vm = api.get(resources.virtualMachine, namespace, name);
      return vm === undefined ? notFound('virtualmachine', name) : show(vm);
    },
  });
  return [
    view('expand-spec', (vm) => expanded(api, vm)),
    view('objectgraph', () => badRequest('ObjectGraph feature gate not enabled: Unable to return object graph.')),
  ];
}

/** The VM with the size of its instancetype in its template: `pkg/virt-api/rest/expand.go`. */
function expanded(api: ApiServer, vm: KubeObject): Answer {
  const found = instancetypeOf(api, vm);
  if ('failure' in found) return internalError(found.failure.message);
  const { instancetype: _instancetype, preference: _preference, ...spec } = objectAt(vm, 'spec');
  const template = objectAt(spec, 'template');
  const sized: JsonObject = { ...template, spec: withSize(objectAt(template, 'spec'), found.spec) };
  return { status: 200, body: { ...asJson(vm), spec: { ...spec, template: sized } } };
}
