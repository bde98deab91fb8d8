import type { Json, JsonObject } from './json.ts';
import type { ResourceType } from './kube.ts';
import type { SiteName } from './site.ts';

export type KubeReadVerb = 'get' | 'list';
export type KubeWriteVerb = 'create' | 'update' | 'patch' | 'delete';
export type PatchKind = 'merge' | 'json' | 'strategic' | 'apply';

/**
 * One request to one site's Kubernetes API, as data. A driver adds transport and authentication, nothing else.
 * Preconditions travel as the API has them: `metadata.resourceVersion` in the body of an update or merge patch,
 * a `test` operation in a JSON patch, `preconditions` for a delete.
 */
export interface KubeRequest {
  readonly api: 'kube';
  readonly site: SiteName;
  readonly verb: KubeReadVerb | KubeWriteVerb;
  readonly resource: ResourceType;
  /** Absent for cluster-scoped resources, and for a list over all namespaces. */
  readonly namespace?: string;
  /** Absent for list and create. */
  readonly name?: string;
  /** `status`, or one that takes a PUT of a body, such as KubeVirt's `start` (see `group` of the resource). */
  readonly subresource?: string;
  /** Required with verb `patch`. */
  readonly patch?: PatchKind;
  readonly body?: Json;
  readonly options?: KubeRequestOptions;
}

export interface KubeRequestOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly force?: boolean;
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** One request to the LINSTOR controller's REST API. `path` starts with `/v1/`. */
export interface LinstorRequest {
  readonly api: 'linstor';
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Repeated parameters are lists: `{ resources: ['a', 'b'] }`. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Json;
}

/**
 * One command in a container of a pod, without a shell around it and without input: how DRBD is told what LINSTOR has no call
 * for. It is `applied` when the command has run to its end, whatever its exit code (`execResultOf`); a connection that breaks
 * before that makes it `unknown`.
 */
export interface ExecRequest {
  readonly api: 'exec';
  readonly site: SiteName;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
}

export type ApiRequest = KubeRequest | LinstorRequest | ExecRequest;

/** What a command is called in one line: a script that is handed to a shell goes by its name. */
export function commandLine({ command }: ExecRequest): string {
  const isScript = command[0] === 'sh' && command[1] === '-c';
  return (isScript ? command.slice(3) : command).join(' ');
}

/**
 * What became of a request.
 * - `applied`: the server answered with success; `body` is its answer.
 * - `refused`: the server answered with a definite no; nothing was done.
 * - `unknown`: no answer, or one that does not tell (time-out, cut connection, 5xx): it may have been applied.
 */
export type Outcome =
  | { readonly kind: 'applied'; readonly status: number; readonly body: Json }
  | {
      readonly kind: 'refused';
      readonly status: number;
      /** Kubernetes: `status.reason` (`NotFound`, `Conflict`, …). LINSTOR: the decimal ret_code. */
      readonly reason: string;
      readonly message: string;
      readonly body?: JsonObject;
    }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly message: string };

export type UnknownReason = 'timeout' | 'unreachable' | 'reset' | 'server-error';
