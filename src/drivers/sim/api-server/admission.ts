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
  readonly #concerned = new Map<ResourceType, boolean>();

  add(plugin: Admission): void {
    this.#plugins.push(plugin);
    this.#concerned.clear();
  }

  /** Whether any plugin looks at writes of a resource. */
  concern(resource: ResourceType): boolean {
    let answer = this.#concerned.get(resource);
    if (answer === undefined) {
      answer = this.#plugins.some((plugin) => covers(plugin, resource));
      this.#concerned.set(resource, answer);
    }
    return answer;
  }

  mutate(review: AdmissionReview & { readonly object: KubeObject }): KubeObject {
    let { object } = review;
    for (const plugin of this.#plugins) {
      if (plugin.mutate === undefined || !concerns(plugin, review)) continue;
      const denial = plugin.refuse?.({ ...review, object });
      if (denial !== undefined) throw denied(plugin.name, denial);
      object = plugin.mutate({ ...review, object });
    }
    return object;
  }

  /** Throws the first denial. */
  validate(review: AdmissionReview): void {
    for (const plugin of this.#plugins) {
      if (plugin.validate === undefined || !concerns(plugin, review)) continue;
      const denial = plugin.validate(review);
      if (denial !== undefined) throw denied(plugin.name, denial);
    }
  }
}

function concerns(plugin: Admission, { resource, subresource }: AdmissionReview): boolean {
  if (subresource !== '' && plugin.subresources?.includes(subresource) !== true) return false;
  return covers(plugin, resource);
}

function covers(plugin: Admission, resource: ResourceType): boolean {
  return plugin.resources.some(({ group, plural }) => group === resource.group && plural === resource.plural);
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
