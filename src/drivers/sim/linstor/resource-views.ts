import type { JsonObject } from '../../../model/json.ts';
import type { LinstorResource, ResourceDefinition } from './store.ts';
import { resourceWithVolumesView } from './views.ts';

/**
 * The views of replicas, each made once until something of its definition changes: whoever reads them all again sees by
 * identity which replicas are as they were.
 */
export class ResourceViews {
  readonly #views = new Map<ResourceDefinition, Map<LinstorResource, JsonObject>>();

  /** The replica with its volumes. */
  of(definition: ResourceDefinition, resource: LinstorResource): JsonObject {
    let views = this.#views.get(definition);
    if (views === undefined) {
      views = new Map();
      this.#views.set(definition, views);
    }
    let view = views.get(resource);
    if (view === undefined) {
      view = resourceWithVolumesView(definition, resource);
      views.set(resource, view);
    }
    return view;
  }

  forget(definition: ResourceDefinition): void {
    this.#views.delete(definition);
  }

  forgetAll(): void {
    this.#views.clear();
  }
}
