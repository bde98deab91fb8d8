import type { Finding } from '../findings.ts';
import type { GroupView, SiteView } from '../group-view.ts';
import { objectAt } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import type { Subject } from '../read-plan.ts';
import { knownReferencesOf, type VmReference } from '../vm-references.ts';
import { unreadable } from './group.ts';

/**
 * The target has everything under its name that the VMs need and that is never copied: instance types and preferences,
 * priority classes, networks, service accounts, and a node with the labels that they select.
 */
export function targetHasWhatIsNeeded(view: GroupView): readonly Finding[] {
  return view.source.virtualMachines.flatMap(({ object }) => {
    const vm = object.known ? object.value : undefined;
    if (vm === undefined) return [];
    return knownReferencesOf(vm)
      .filter((reference) => reference.handling === 'needed' && reference.optional !== true)
      .flatMap((reference) => needFindings(view.target, vm, reference));
  });
}

/** Subjects in which the needs of VMs are looked up. */
export const neededSubjects: readonly Subject[] = [
  'instancetypes',
  'clusterInstancetypes',
  'preferences',
  'clusterPreferences',
  'priorityClasses',
  'networks',
  'serviceAccounts',
];

function needFindings(target: SiteView, vm: KubeObject, reference: VmReference): readonly Finding[] {
  if (reference.kind === 'nodeSelector') return nodeSelectorFindings(target, vm, reference);
  const subject = subjectOf(reference);
  // What lives in another namespace is not read, and images, devices and schedulers show in no list.
  if (subject === undefined || (reference.namespace ?? vm.metadata.namespace) !== vm.metadata.namespace) return [];
  const kind = reference.objectKind ?? kinds[subject] ?? subject;
  const reading = target.readings.readings[subject];
  if (reading === undefined) return [];
  if (!reading.known) return [unreadable(target, `${kind} ${reference.name}`, reading.why)];
  if (reading.value.some((candidate) => candidate.metadata.name === reference.name)) return [];
  return [needMissing(target, vm, `${kind} ${reference.name}`, reference)];
}

function subjectOf({ kind, objectKind = '' }: VmReference): Subject | undefined {
  const clusterWide = objectKind.toLowerCase().startsWith('virtualmachinecluster');
  if (kind === 'instancetype') return clusterWide ? 'clusterInstancetypes' : 'instancetypes';
  if (kind === 'preference') return clusterWide ? 'clusterPreferences' : 'preferences';
  if (kind === 'priorityClass') return 'priorityClasses';
  if (kind === 'network') return 'networks';
  return kind === 'serviceAccount' ? 'serviceAccounts' : undefined;
}

const kinds: Readonly<Partial<Record<Subject, string>>> = {
  priorityClasses: 'PriorityClass',
  networks: 'NetworkAttachmentDefinition',
  serviceAccounts: 'ServiceAccount',
};

function nodeSelectorFindings(target: SiteView, vm: KubeObject, reference: VmReference): readonly Finding[] {
  const { nodes } = target.readings.readings;
  if (nodes === undefined) return [];
  if (!nodes.known) return [unreadable(target, 'the nodes', nodes.why)];
  const [label = '', value = ''] = reference.name.split('=');
  if (nodes.value.some((node) => objectAt(node, 'metadata', 'labels')[label] === value)) return [];
  return [needMissing(target, vm, `a node labelled ${reference.name}`, reference)];
}

function needMissing(target: SiteView, vm: KubeObject, what: string, reference: VmReference): Finding {
  const name = vm.metadata.name;
  return {
    id: 'NeedMissing',
    severity: 'error',
    site: target.site,
    object: `VirtualMachine ${name}`,
    what: `${name} needs ${what}, which ${target.site} does not have`,
    why: `${reference.path} names it, and it is not copied: ${name} would not start there`,
    remedy: `create it on ${target.site}, or drop it from the VM`,
  };
}
