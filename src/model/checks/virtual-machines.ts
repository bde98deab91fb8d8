import type { Finding } from '../findings.ts';
import type { SiteView } from '../group-view.ts';
import type { VirtualMachineReading } from '../member-reading.ts';
import type { KubeObject } from '../kube.ts';
import { powerFieldOf } from '../virtual-machine.ts';
import { knownReferencesOf } from '../vm-references.ts';
import { unreadable } from './group.ts';

/** The VMs exist on the source, are valid, and name nothing that cannot go along. */
export function virtualMachinesAreValid(site: SiteView): readonly Finding[] {
  return site.virtualMachines.flatMap((vm) => {
    const object = `VirtualMachine ${vm.name}`;
    if (!vm.object.known) return [unreadable(site, object, vm.object.why)];
    if (vm.object.value === undefined) {
      return [missing(site, vm.name, 'check the name and the namespace; a VM is protected under its own name')];
    }
    return [
      ...powerFindings(site, vm.object.value),
      ...referenceFindings(site, vm.object.value),
      ...dataFindings(site, vm),
    ];
  });
}

/** The VMs run where they should. */
export function virtualMachinesRun(site: SiteView): readonly Finding[] {
  return site.virtualMachines.flatMap((vm) => {
    if (!vm.object.known || vm.object.value === undefined || vm.power.state === 'running') return [];
    return [vm.power.state === 'unknown' ? powerUnknown(site, vm) : notRunning(site, vm)];
  });
}

/**
 * Before a failover the power of every VM is known. One that stands still is no obstacle: it goes along and is started on
 * the target; a failover that was left half-way could never be gone on with, or back, otherwise.
 */
export function powersAreKnown(site: SiteView): readonly Finding[] {
  return site.virtualMachines.flatMap((vm): readonly Finding[] => {
    if (!vm.object.known || vm.object.value === undefined || vm.power.state === 'running') return [];
    if (vm.power.state === 'unknown') return [powerUnknown(site, vm)];
    return [
      {
        ...notRunning(site, vm),
        id: 'VirtualMachineStandsStill',
        severity: 'warning',
        remedy: 'none is needed: it goes along, and is started on the other site like the others',
      },
    ];
  });
}

/** The target has a definition of every VM, and none of them runs. */
export function definitionsExist(site: SiteView, group: string): readonly Finding[] {
  return site.virtualMachines.flatMap((vm) => {
    if (!vm.object.known) return [unreadable(site, `VirtualMachine ${vm.name}`, vm.object.why)];
    if (vm.object.value === undefined) return [missing(site, vm.name, `pgctl sync protectiongroup ${group}`)];
    return [];
  });
}

/** No VM of the group runs on the target. */
export function copiesStandStill(site: SiteView): readonly Finding[] {
  return site.virtualMachines.flatMap((vm) => {
    if (vm.power.state === 'stopped') return [];
    if (vm.power.state === 'unknown') return [powerUnknown(site, vm)];
    return [
      {
        id: 'RunsOnTarget',
        severity: 'error',
        site: site.site,
        object: `VirtualMachine ${vm.name}`,
        what: `${vm.name} is ${vm.power.state} on ${site.site}`,
        why: vm.power.message,
        remedy: `find out which site holds the data before anything else: pgctl get protectiongroup --all-clusters`,
      },
    ];
  });
}

function powerUnknown(site: SiteView, vm: VirtualMachineReading): Finding {
  return {
    id: 'PowerUnknown',
    severity: 'error',
    site: site.site,
    object: `VirtualMachine ${vm.name}`,
    what: `whether ${vm.name} runs on ${site.site} cannot be told`,
    why: vm.power.message,
    remedy: powerRemedy(site.site, vm),
  };
}

/** A cluster that tells what it cannot tell has answered: then its connection is not what to look at. */
function powerRemedy(site: string, { name, object, power }: VirtualMachineReading): string {
  const kubectl = `kubectl --kubeconfig <kubeconfig of ${site}>`;
  const namespace = object.known ? (object.value?.metadata.namespace ?? 'default') : 'default';
  if (power.reason.startsWith('Paused')) {
    return `mend what its disks are on, then let it go on: virtctl --kubeconfig <kubeconfig of ${site}> unpause vm ${name} -n ${namespace}`;
  }
  return power.reason === 'NodeNotAnswering'
    ? `see which node does not answer, and bring it back: ${kubectl} get vmi ${name} -n ${namespace} -o wide; ${kubectl} get nodes`
    : 'pgctl config test';
}

function missing(site: SiteView, name: string, remedy: string): Finding {
  return {
    id: 'VirtualMachineMissing',
    severity: 'error',
    site: site.site,
    object: `VirtualMachine ${name}`,
    what: `${name} does not exist on ${site.site}`,
    why: 'the namespace has no VirtualMachine of that name',
    remedy,
  };
}

function notRunning(site: SiteView, vm: VirtualMachineReading): Finding {
  return {
    id: 'VirtualMachineNotRunning',
    severity: 'error',
    site: site.site,
    object: `VirtualMachine ${vm.name}`,
    what: `${vm.name} is ${vm.power.state} on ${site.site}, not running`,
    why: vm.power.message,
    remedy: `start it, or take it out of the group: kubectl --kubeconfig <kubeconfig of ${site.site}> patch vm ${vm.name} --type merge -p '${startBody(vm)}'`,
  };
}

function startBody(vm: VirtualMachineReading): string {
  const object = vm.object.known ? vm.object.value : undefined;
  const field = object === undefined ? undefined : powerFieldOf(object).kind;
  return JSON.stringify({ spec: field === 'running' ? { running: true } : { runStrategy: 'Always' } });
}

/** A VM without any claim starts on the other site from its image: what it wrote stays behind. */
function dataFindings(site: SiteView, vm: VirtualMachineReading): readonly Finding[] {
  if (vm.claims.length > 0) return [];
  return [
    {
      id: 'NothingReplicated',
      severity: 'warning',
      site: site.site,
      object: `VirtualMachine ${vm.name}`,
      what: `${vm.name} has no disk on replicated storage`,
      why: 'it would start on the other site as new, without anything that it has written here',
      remedy: 'give it a disk on a claim of a replicated StorageClass, if it is to keep anything',
    },
  ];
}

function powerFindings(site: SiteView, vm: KubeObject): readonly Finding[] {
  const field = powerFieldOf(vm);
  if (field.kind !== 'both' && field.kind !== 'none') return [];
  const name = vm.metadata.name;
  return [
    {
      id: 'PowerFieldInvalid',
      severity: 'error',
      site: site.site,
      object: `VirtualMachine ${name}`,
      what:
        field.kind === 'both'
          ? `${name} sets both spec.running and spec.runStrategy`
          : `${name} sets neither spec.running nor spec.runStrategy`,
      why: 'KubeVirt takes exactly one of the two',
      remedy: `kubectl patch vm ${name} --type merge -p '{"spec":{"running":null,"runStrategy":"Always"}}'`,
    },
  ];
}

function referenceFindings(site: SiteView, vm: KubeObject): readonly Finding[] {
  return knownReferencesOf(vm).flatMap((reference): readonly Finding[] => {
    if (reference.handling === 'unprotected') {
      return [
        {
          id: 'NotProtectable',
          severity: 'error',
          site: site.site,
          object: `VirtualMachine ${vm.metadata.name}`,
          what: `${vm.metadata.name} uses ${reference.name} of its node (${reference.path})`,
          why: 'what lives on one node is not replicated and would be missing on the other site',
          remedy: 'move the data to a claim of a replicated StorageClass, or leave the VM out of the group',
        },
      ];
    }
    if (reference.handling !== 'copied' || reference.optional === true) return [];
    const subject = reference.kind === 'secret' ? 'secrets' : 'configMaps';
    const there = site.readings.readings[subject];
    // A controller that reconciles has not asked for them: they are judged where a failover is prepared.
    if (there === undefined) return [];
    const kind = reference.kind === 'secret' ? 'Secret' : 'ConfigMap';
    if (!there.known) return [unreadable(site, `${kind} ${reference.name}`, there.why)];
    if (there.value.some((candidate) => candidate.metadata.name === reference.name)) return [];
    return [
      {
        id: 'ReferenceMissing',
        severity: 'error',
        site: site.site,
        object: `VirtualMachine ${vm.metadata.name}`,
        what: `${kind} ${reference.name}, which ${vm.metadata.name} names, does not exist on ${site.site}`,
        why: `${reference.path} needs it: the VM could not start`,
        remedy: `create it, or drop it from the VM: kubectl get ${kind.toLowerCase()} ${reference.name}`,
      },
    ];
  });
}
