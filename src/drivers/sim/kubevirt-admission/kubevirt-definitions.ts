import type { JsonObject } from '../../../model/json.ts';

/**
 * CustomResourceDefinitions of the KubeVirt types that take part in a failover: names, columns and subresources as
 * KubeVirt has them. Their schemas are open below the fields of a VM's spec: the complete ones are KubeVirt's own files,
 * which a cluster can be given instead.
 */
export function kubevirtDefinitions(): readonly JsonObject[] {
  return [kubevirts, virtualMachines, virtualMachineInstances, ...instancetypes];
}

/** The KubeVirt object by which an installation is known, in the namespace that must exist: `kubevirt`. */
export function kubevirtInstallation(version = 'v1.6.0'): JsonObject {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'KubeVirt',
    metadata: { name: 'kubevirt', namespace: 'kubevirt' },
    spec: { imagePullPolicy: 'IfNotPresent', workloadUpdateStrategy: {} },
    status: {
      phase: 'Deployed',
      observedKubeVirtVersion: version,
      operatorVersion: version,
      targetKubeVirtVersion: version,
    },
  };
}

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;

const virtualMachineSpec: JsonObject = {
  type: 'object',
  properties: {
    dataVolumeTemplates: { type: 'array', items: open },
    instancetype: open,
    preference: open,
    running: { type: 'boolean' },
    runStrategy: { type: 'string' },
    template: open,
    updateVolumesStrategy: { type: 'string' },
  },
  required: ['template'],
};

const virtualMachines = definition({
  group: 'kubevirt.io',
  versions: ['v1', 'v1alpha3'],
  plural: 'virtualmachines',
  singular: 'virtualmachine',
  kind: 'VirtualMachine',
  shortNames: ['vm', 'vms'],
  scope: 'Namespaced',
  spec: virtualMachineSpec,
  hasStatus: true,
  columns: [
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    {
      name: 'Status',
      type: 'string',
      jsonPath: '.status.printableStatus',
      description: 'Human Readable Status',
    },
    { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
  ],
});

const virtualMachineInstances = definition({
  group: 'kubevirt.io',
  versions: ['v1', 'v1alpha3'],
  plural: 'virtualmachineinstances',
  singular: 'virtualmachineinstance',
  kind: 'VirtualMachineInstance',
  shortNames: ['vmi', 'vmis'],
  scope: 'Namespaced',
  spec: open,
  // KubeVirt gives VMIs no status subresource: their status is written through the object itself.
  hasStatus: false,
  columns: [
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'IP', type: 'string', jsonPath: '.status.interfaces[0].ipAddress' },
    { name: 'NodeName', type: 'string', jsonPath: '.status.nodeName' },
    { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
    {
      name: 'Live-Migratable',
      type: 'string',
      jsonPath: ".status.conditions[?(@.type=='LiveMigratable')].status",
      priority: 1,
    },
    { name: 'Paused', type: 'string', jsonPath: ".status.conditions[?(@.type=='Paused')].status", priority: 1 },
  ],
});

const kubevirts = definition({
  group: 'kubevirt.io',
  versions: ['v1', 'v1alpha3'],
  plural: 'kubevirts',
  singular: 'kubevirt',
  kind: 'KubeVirt',
  shortNames: ['kv', 'kvs'],
  scope: 'Namespaced',
  spec: open,
  hasStatus: true,
  columns: [
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  ],
});

const instancetypes = [
  {
    kind: 'VirtualMachineInstancetype',
    scope: 'Namespaced',
    shortNames: ['vminstancetype', 'vminstancetypes', 'vmf', 'vmfs'],
  },
  {
    kind: 'VirtualMachineClusterInstancetype',
    scope: 'Cluster',
    shortNames: ['vmclusterinstancetype', 'vmclusterinstancetypes', 'vmcf', 'vmcfs'],
  },
  { kind: 'VirtualMachinePreference', scope: 'Namespaced', shortNames: ['vmpref', 'vmprefs', 'vmp', 'vmps'] },
  { kind: 'VirtualMachineClusterPreference', scope: 'Cluster', shortNames: ['vmcp', 'vmcps'] },
].map(({ kind, scope, shortNames }) =>
  definition({
    group: 'instancetype.kubevirt.io',
    versions: ['v1beta1'],
    plural: `${kind.toLowerCase()}s`,
    singular: kind.toLowerCase(),
    kind,
    shortNames,
    scope,
    spec: open,
    hasStatus: false,
    columns: [],
  }),
);

interface DefinitionFacts {
  readonly group: string;
  /** The first one is the one that is stored. */
  readonly versions: readonly string[];
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly scope: string;
  readonly spec: JsonObject;
  readonly hasStatus: boolean;
  readonly columns: readonly JsonObject[];
}

function definition(facts: DefinitionFacts): JsonObject {
  const { group, plural, singular, kind, shortNames, scope } = facts;
  const categories = scope === 'Namespaced' ? { categories: ['all'] } : {};
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { plural, singular, kind, listKind: `${kind}List`, shortNames, ...categories },
      versions: facts.versions.map((name, index) => version(name, index === 0, facts)),
    },
  };
}

function version(name: string, storage: boolean, { group, hasStatus, columns, spec }: DefinitionFacts): JsonObject {
  const warning = `${group}/${name} is now deprecated and will be removed in a future release.`;
  return {
    name,
    served: true,
    storage,
    ...(name === 'v1alpha3' ? { deprecated: true, deprecationWarning: warning } : {}),
    ...(hasStatus ? { subresources: { status: {} } } : {}),
    ...(columns.length > 0 ? { additionalPrinterColumns: columns } : {}),
    schema: {
      openAPIV3Schema: {
        type: 'object',
        required: ['spec'],
        properties: {
          apiVersion: { type: 'string' },
          kind: { type: 'string' },
          metadata: { type: 'object' },
          spec,
          status: open,
        },
      },
    },
  };
}
