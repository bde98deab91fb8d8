import { type ResourceType, resources } from '../model/kube.ts';
import type { KubeRequest } from '../model/request.ts';
import { stageNamespace } from './stage.ts';
import type { KubectlItem } from './tape.ts';

const resourceQuota: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'resourcequotas',
  kind: 'ResourceQuota',
  namespaced: true,
};

/** What a person may name on a tape, as it stands in a path. */
export const resourcesByPlural: ReadonlyMap<string, ResourceType> = new Map(
  [...Object.values(resources), resourceQuota].map((type) => [type.plural, type]),
);

/** What kubectl sends for a person: a patch is a merge patch. */
export function requestOfPerson({ site, verb, resource: plural, name, body }: KubectlItem): KubeRequest {
  const resource = resourcesByPlural.get(plural);
  if (resource === undefined)
    throw new Error(`kubectl knows no ${plural}: ${[...resourcesByPlural.keys()].join(', ')}`);
  return {
    api: 'kube',
    site,
    verb,
    resource,
    ...(resource.namespaced ? { namespace: stageNamespace } : {}),
    ...(name === undefined ? {} : { name }),
    ...(verb === 'patch' ? { patch: 'merge' as const } : {}),
    ...(body === undefined ? {} : { body }),
  };
}
