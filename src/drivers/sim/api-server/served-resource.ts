import type { JsonObject } from '../../../model/json.ts';
import type { Instant } from '../../../model/instant.ts';
import type { KubeObject, ResourceType } from '../../../model/kube.ts';
import type { FieldError } from './status-errors.ts';
import type { SchemaNode } from './structural-schema.ts';

/** A column of `kubectl get`, as a CustomResourceDefinition declares it. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly description?: string;
  readonly format?: string;
  readonly priority?: number;
}

export interface ServedSubresource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** One version of one resource, as discovery shows it. */
export interface ServedResource {
  readonly type: ResourceType;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly ServedSubresource[];
  /** Custom resources: the structural schema of this version. */
  readonly schema?: JsonObject;
  /** Custom resources: the columns besides NAME; AGE when there are none. */
  readonly printerColumns?: readonly PrinterColumn[];
  /** True for what a CustomResourceDefinition defines. */
  readonly custom: boolean;
  /** Sent as a Warning with every answer of a deprecated version. */
  readonly deprecationWarning?: string;
}

/** How the objects of one resource are written: what `Strategy` is in k8s.io/apiserver's generic registry. */
export interface Strategy {
  /** `status` is written through the status subresource only. */
  readonly hasStatus: boolean;
  /** `metadata.generation` counts changes of the desired state. */
  readonly countsGeneration: boolean;
  /** An update without resourceVersion overwrites whatever is there. */
  readonly unconditionalUpdate: boolean;
  /** An update of what does not exist creates it. */
  readonly createsOnUpdate: boolean;
  /** A delete answers with the object rather than with a Status. */
  readonly returnsDeleted: boolean;
  /** Fields that a field selector may name, besides `metadata.name` and `metadata.namespace`. */
  readonly selectableFields: readonly string[];
  /** Characters that a name may have. */
  readonly nameRule: 'subdomain' | 'label' | 'path';
  /** The schema that pruning, patches and server-side apply follow. */
  readonly schema?: SchemaNode;
  /** Drops what the schema does not know, and nulls that say nothing; tells the dropped paths through `unknown`. Parts shared with `old` are clean. */
  prune?(
    object: KubeObject,
    old: KubeObject | undefined,
    unknown?: (path: string) => void,
    keepsNulls?: boolean,
  ): KubeObject;
  /** Fills in what the type fills in by itself. Idempotent; answers the object itself when nothing is missing. */
  defaults?(object: KubeObject, old: KubeObject | undefined): KubeObject;
  /** Fields that only the server sets, at creation. */
  prepareCreate?(object: KubeObject): KubeObject;
  /** Fields that an update cannot change silently keep their old value. */
  prepareUpdate?(object: KubeObject, old: KubeObject): KubeObject;
  /** What a write to the status cannot leave out. */
  prepareStatus?(object: KubeObject, old: KubeObject, now: Instant): KubeObject;
  /** What is wrong with the object. `old` is undefined at creation. */
  validate?(object: KubeObject, old: KubeObject | undefined): readonly FieldError[];
}

/** A served version together with how it is written. Several versions of one resource share a strategy's flags and a store. */
export interface ServedType extends ServedResource {
  readonly strategy: Strategy;
  /** The version in which objects are stored. */
  readonly storageVersion: string;
}
