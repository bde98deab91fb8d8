import type { SubresourceHandler } from './admission.ts';
import type { Registry } from './registry.ts';
import type { ServedResource, ServedSubresource } from './served-resource.ts';

/**
 * Resources that exist by their subresources only, as an aggregated API serves them (`subresources.kubevirt.io`): they
 * are discovered, and have no objects of their own.
 */
export function handledResources(
  handlers: readonly SubresourceHandler[],
  registry: Registry,
): readonly ServedResource[] {
  const foreign = handlers.filter(({ resource }) => registry.find(resource) === undefined);
  return [...new Set(foreign.map(({ resource }) => resource))].map((type) => ({
    type,
    singular: type.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    verbs: [],
    subresources: foreign.filter(({ resource }) => resource === type).map(subresourceOf),
    custom: false,
  }));
}

function subresourceOf({ resource, subresource, verbs }: SubresourceHandler): ServedSubresource {
  return { name: subresource, kind: resource.kind, verbs };
}
