import type { KubeObject, ObjectMeta } from '../kube.ts';
import type { SiteName } from '../site.ts';
import { copiedFromLabel, sourceGenerationAnnotation } from './marks.ts';

/** A definition for the other site, and what of the source it leaves out: field paths, with a reason where it is no matter of course. */
export interface DefinitionCopy {
  readonly object: KubeObject;
  readonly dropped: readonly string[];
}

/** What belongs to one cluster's object and never to its copy. */
const clusterFields = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generateName',
  'managedFields',
  'ownerReferences',
  'finalizers',
  'selfLink',
] as const;

/** Annotations that bind an object to the controllers of the cluster it is on. */
const clusterAnnotations: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'kubevirt.io/latest-observed-api-version',
  'kubevirt.io/storage-observed-api-version',
  'kubemacpool.io/transaction-timestamp',
  // The GitOps tool of the source would count the copy as its own, and may prune it.
  'argocd.argoproj.io/tracking-id',
  'pv.kubernetes.io/bind-completed',
  'pv.kubernetes.io/bound-by-controller',
  // Without it the provisioner never takes the volume for its own to delete, whatever becomes of the reclaim policy.
  'pv.kubernetes.io/provisioned-by',
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/selected-node',
  'kubernetes.io/service-account.uid',
]);

/** An importer that finds its annotations on a claim without its DataVolume fills the disk again. */
const importerPrefix = 'cdi.kubevirt.io/';

/** The metadata of a copy: name, namespace, labels and annotations, without what belongs to the source's cluster, and our marks. */
export function copiedMetadata(
  source: KubeObject,
  from: SiteName,
): { readonly metadata: ObjectMeta; readonly dropped: readonly string[] } {
  const { name, namespace, labels = {}, annotations = {}, generation } = source.metadata;
  const fields = clusterFields.filter(
    (field) => (source.metadata as unknown as Record<string, unknown>)[field] !== undefined,
  );
  const keptAnnotations = pick(annotations, isPortable);
  const keptLabels = pick(labels, isPortable);
  const copied =
    generation === undefined
      ? keptAnnotations
      : { ...keptAnnotations, [sourceGenerationAnnotation]: String(generation) };
  return {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...keptLabels, [copiedFromLabel]: from },
      ...(Object.keys(copied).length === 0 ? {} : { annotations: copied }),
    },
    dropped: [
      ...fields.map((field) => `metadata.${field}`),
      ...droppedKeys(annotations, keptAnnotations).map((key) => `metadata.annotations[${key}]`),
      ...droppedKeys(labels, keptLabels).map((key) => `metadata.labels[${key}]`),
    ],
  };
}

function isPortable(key: string): boolean {
  return !clusterAnnotations.has(key) && !key.startsWith(importerPrefix);
}

function pick(
  map: Readonly<Record<string, string>>,
  isKept: (key: string) => boolean,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => isKept(key)));
}

function droppedKeys(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.keys(before).filter((key) => after[key] === undefined);
}
