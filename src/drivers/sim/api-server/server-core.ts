import type { Instant } from '../../../model/instant.ts';
import type { KubeObject } from '../../../model/kube.ts';
import type { LocalRequest } from '../behaviour.ts';
import type { RandomStream } from '../random.ts';
import type { Admissions } from './admission.ts';
import type { User } from './authorization.ts';
import type { Change } from './object-store.ts';
import type { Registry, Resource } from './registry.ts';

/** What the parts of the server share. */
export interface ServerCore {
  readonly registry: Registry;
  readonly admissions: Admissions;
  readonly random: RandomStream;
  /** The newest resourceVersion. */
  version(): number;
  wallNow(): Instant;
  /** Whether RBAC lets a user use a path that is no resource. */
  mayVisit(user: User, verb: string, path: string): boolean;
  /** The user whose bearer token this is. */
  userOfToken(token: string): User | undefined;
  /** Stores a change under the next version and tells everybody; answers the object as stored. */
  commit(resource: Resource, type: Change['type'], object: KubeObject, old: KubeObject | undefined): KubeObject;
}

/** One request on its way through the server. */
export interface RequestContext {
  readonly request: LocalRequest;
  /** Absent for requests from inside the cluster. */
  readonly user: User | undefined;
  readonly resource: Resource;
  /** '' for the object itself. */
  readonly subresource: string;
  /** '' for cluster scope. */
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  /** True for what writes well-formed objects: they are not decoded, and not validated. */
  readonly isTrusted: boolean;
  warn(text: string): void;
}
