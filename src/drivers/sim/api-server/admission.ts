import type { Json } from '../../../model/json.ts';
import type { KubeObject, ResourceType } from '../../../model/kube.ts';
import type { Answer, LocalRequest } from '../behaviour.ts';
import type { User } from './authorization.ts';
import { failure } from './status-errors.ts';

/** What an admission plugin sees of a write. */
export interface AdmissionReview {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly resource: ResourceType;
  /** '' for the object itself. */
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Absent for DELETE. */
  readonly object?: KubeObject;
  /** Absent for CREATE. */
  readonly old?: KubeObject;
  /** Absent for requests from inside the cluster. */
  readonly user: User | undefined;
  readonly dryRun: boolean;
  /** Adds a Warning header to the answer. */
  warn(text: string): void;
}

/** A plugin's no, as the `status` of an AdmissionReview's response. */
export interface Denial {
  readonly message: string;
  readonly code?: number;
  readonly reason?: string;
  readonly causes?: readonly Json[];
}

/** A webhook: changes what is written, or says no to it. */
export interface Admission {
  /** Name of the webhook, as refusals cite it: `virtualmachine-validator.kubevirt.io`. */
  readonly name: string;
  /** Group and plural count, so that one entry covers every served version. */
  readonly resources: readonly ResourceType[];
  /** Called for these operations only; for all when absent. */
  readonly operations?: readonly AdmissionReview['operation'][];
  /** Also called for writes to these subresources; for the object itself always. */
  readonly subresources?: readonly string[];
  mutate?(review: AdmissionReview & { readonly object: KubeObject }): KubeObject;
  /** What a webhook that mutates says no to before it does: earlier than the schema of the resource. */
  refuse?(review: AdmissionReview & { readonly object: KubeObject }): Denial | undefined;
  validate?(review: AdmissionReview): Denial | undefined;
}

/** Serves requests to a subresource, or to a resource that only has subresources (`subresources.kubevirt.io`). */
export interface SubresourceHandler {
  readonly resource: ResourceType;
  readonly subresource: string;
  /** Verbs that are served: `['update']` for a PUT. Others answer 405. */
  readonly verbs: readonly LocalRequest['verb'][];
  handle(request: LocalRequest, user: User | undefined): Answer;
}

/** The plugins of a server, in the order in which they were added. */
export class Admissions {
  readonly #plugins: Admission[] = [];
  /** The plugins of a resource, by the very object that names it. */
  readonly #covering = new Map<ResourceType, readonly Admission[]>();

  add(plugin: Admission): void {
    this.#plugins.push(plugin);
    this.#covering.clear();
  }

  /** Whether any plugin looks at such a write. */
  concern(write: Pick<AdmissionReview, 'operation' | 'resource' | 'subresource'>): boolean {
    for (const plugin of this.#pluginsOf(write.resource)) if (concerns(plugin, write)) return true;
    return false;
  }

  /** Whether any plugin may change such a write. */
  mayChange(write: Pick<AdmissionReview, 'operation' | 'resource' | 'subresource'>): boolean {
    for (const plugin of this.#pluginsOf(write.resource)) {
      if (plugin.mutate !== undefined && concerns(plugin, write)) return true;
    }
    return false;
  }

  mutate(review: AdmissionReview & { readonly object: KubeObject }): KubeObject {
    let { object } = review;
    for (const plugin of this.#pluginsOf(review.resource)) {
      if (plugin.mutate === undefined || !concerns(plugin, review)) continue;
      const denial = plugin.refuse?.({ ...review, object });
      if (denial !== undefined) throw denied(plugin.name, denial);
      object = plugin.mutate({ ...review, object });
    }
    return object;
  }

  /** True when nobody denies the write as it is. */
  agree(review: AdmissionReview): boolean {
    for (const plugin of this.#pluginsOf(review.resource)) {
      if (concerns(plugin, review) && plugin.validate?.(review) !== undefined) return false;
    }
    return true;
  }

  /** Throws the first denial. */
  validate(review: AdmissionReview): void {
    for (const plugin of this.#pluginsOf(review.resource)) {
      if (plugin.validate === undefined || !concerns(plugin, review)) continue;
      const denial = plugin.validate(review);
      if (denial !== undefined) throw denied(plugin.name, denial);
    }
  }

  #pluginsOf(resource: ResourceType): readonly Admission[] {
    let plugins = this.#covering.get(resource);
    if (plugins === undefined) {
      const { group, plural } = resource;
      plugins = this.#plugins.filter(({ resources }) =>
        resources.some((covered) => covered.group === group && covered.plural === plural),
      );
      this.#covering.set(resource, plugins);
    }
    return plugins;
  }
}

function concerns(
  { operations, subresources }: Admission,
  { operation, subresource }: Pick<AdmissionReview, 'operation' | 'subresource'>,
): boolean {
  if (operations?.includes(operation) === false) return false;
  return subresource === '' || subresources?.includes(subresource) === true;
}

// `ToStatusErr` of pkg/admission/plugin/webhook/errors in k8s.io/apiserver.
function denied(webhook: string, denial: Denial): Error {
  const code = denial.code ?? 400;
  return failure({
    code: code < 400 ? 400 : code,
    message: `admission webhook "${webhook}" denied the request: ${denial.message}`,
    ...(denial.reason === undefined ? {} : { reason: denial.reason }),
    ...(denial.causes === undefined ? {} : { details: { causes: denial.causes } }),
  });
}
