import type { Instant } from '../../../model/instant.ts';
import type { Json, JsonObject } from '../../../model/json.ts';
import { type KubeObject, groupResourceOf } from '../../../model/kube.ts';
import type { ServedResource } from '../../../drivers/sim/api-server/served-resource.ts';
import { builtinColumns, standardColumn } from './columns.ts';
import {
  configMapPrinter,
  defaultPrinter,
  eventPrinter,
  namespacePrinter,
  nodePrinter,
  persistentVolumeClaimPrinter,
  persistentVolumePrinter,
  secretPrinter,
  serviceAccountPrinter,
  servicePrinter,
} from './core-printers.ts';
import { customColumns, customPrinter } from './custom-columns.ts';
import { podPrinter } from './pod-printer.ts';
import type { Column, Printer } from './printer.ts';
import {
  apiServicePrinter,
  bindingPrinter,
  csiDriverPrinter,
  csiNodePrinter,
  daemonSetPrinter,
  deploymentPrinter,
  leasePrinter,
  priorityClassPrinter,
  replicaSetPrinter,
  statefulSetPrinter,
  storageClassPrinter,
  volumeAttachmentPrinter,
} from './workload-printers.ts';

/** What a row carries of its object besides the cells: `?includeObject=` of the request. */
export type IncludedObject = 'None' | 'Metadata' | 'Object';

/** Columns and cells for the objects of one resource. */
export interface TableLayout {
  readonly columns: readonly Column[];
  readonly printer: Printer;
}

const printers: Readonly<Record<string, Printer>> = {
  'apiservices.apiregistration.k8s.io': apiServicePrinter,
  'clusterrolebindings.rbac.authorization.k8s.io': bindingPrinter,
  configmaps: configMapPrinter,
  'csidrivers.storage.k8s.io': csiDriverPrinter,
  'csinodes.storage.k8s.io': csiNodePrinter,
  'daemonsets.apps': daemonSetPrinter,
  'deployments.apps': deploymentPrinter,
  events: eventPrinter,
  'leases.coordination.k8s.io': leasePrinter,
  namespaces: namespacePrinter,
  nodes: nodePrinter,
  persistentvolumeclaims: persistentVolumeClaimPrinter,
  persistentvolumes: persistentVolumePrinter,
  pods: podPrinter,
  'priorityclasses.scheduling.k8s.io': priorityClassPrinter,
  'replicasets.apps': replicaSetPrinter,
  'rolebindings.rbac.authorization.k8s.io': bindingPrinter,
  secrets: secretPrinter,
  serviceaccounts: serviceAccountPrinter,
  services: servicePrinter,
  'statefulsets.apps': statefulSetPrinter,
  'storageclasses.storage.k8s.io': storageClassPrinter,
  'volumeattachments.storage.k8s.io': volumeAttachmentPrinter,
};

const defaultLayout: TableLayout = {
  columns: [standardColumn('Name'), standardColumn('Created At')],
  printer: defaultPrinter,
};

/** The layout for a resource as it is served now (a CRD's columns may change). */
export function layoutFor(served: ServedResource): TableLayout {
  if (served.custom) {
    const declared = served.printerColumns ?? [];
    return { columns: customColumns(declared), printer: customPrinter(declared) };
  }
  const name = groupResourceOf(served.type);
  const columns = builtinColumns(name);
  const printer = printers[name];
  return columns === undefined || printer === undefined ? defaultLayout : { columns, printer };
}

/** A metav1.Table. Without columns it is a later row of a watch, which sends them only once. */
export function tableOf(
  layout: TableLayout,
  objects: readonly KubeObject[],
  options: {
    readonly version: string;
    readonly metadata: JsonObject;
    readonly include: IncludedObject;
    readonly now: Instant;
    readonly withColumns?: boolean;
  },
): JsonObject {
  const { version, metadata, include, now, withColumns = true } = options;
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: withColumns ? (layout.columns as unknown as Json) : null,
    rows: objects.map((object) => rowOf(layout.printer, object, { version, include, now })),
  };
}

/** The metadata alone of an object, as PartialObjectMetadata. */
export function partialMetadata(object: KubeObject, version: string): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: object.metadata as unknown as Json,
  };
}

function rowOf(
  printer: Printer,
  object: KubeObject,
  { version, include, now }: { version: string; include: IncludedObject; now: Instant },
): JsonObject {
  const cells = printer.cells(object, now);
  const conditions = printer.conditions?.(object) ?? [];
  const row = conditions.length === 0 ? { cells } : { cells, conditions };
  if (include === 'None') return { ...row, object: null };
  return { ...row, object: include === 'Object' ? (object as unknown as Json) : partialMetadata(object, version) };
}
