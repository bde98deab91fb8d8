import { at, isJsonObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import type { KubeObject, ObjectMeta } from '../kube.ts';
import type { SiteName } from '../site.ts';
import { originalRunStrategyAnnotation, originalRunStrategyOf, powerFieldOf } from '../virtual-machine.ts';
import { copiedMetadata, type DefinitionCopy } from './copied-metadata.ts';
import { legacyFirmwareUuid } from './legacy-firmware.ts';

/**
 * A VirtualMachine for the other site: halted from its creation on, with the strategy to start with kept in an annotation.
 * - identity is kept: firmware UUID and serial, and MAC addresses that only the running instance knows
 * - DataVolume volumes become claims of the same name, without templates: an importer would fill the replicated disk again
 * - names of ControllerRevisions are left out: the other site resolves instancetype and preference itself
 * @param vmi the running instance, where there is one
 */
export function copyVirtualMachine(vm: KubeObject, vmi: KubeObject | undefined, from: SiteName): DefinitionCopy {
  const { metadata, dropped } = copiedMetadata(vm, from);
  const { dataVolumeTemplates, running, runStrategy, ...rest } = objectAt(vm, 'spec');
  const instancetype = withoutRevision(vm, 'instancetype');
  const preference = withoutRevision(vm, 'preference');
  const spec: JsonObject = {
    ...rest,
    ...instancetype.spec,
    ...preference.spec,
    ...haltedField(vm),
    template: copiedTemplate(vm, vmi),
  };
  return {
    object: { apiVersion: vm.apiVersion, kind: vm.kind, metadata: withOriginalStrategy(vm, metadata), spec },
    dropped: [
      ...dropped,
      ...(dataVolumeTemplates === undefined
        ? []
        : ['spec.dataVolumeTemplates: its volumes become claims of the same name']),
      ...(running !== undefined && runStrategy !== undefined ? ['spec.running'] : []),
      ...instancetype.dropped,
      ...preference.dropped,
      ...(vm.status === undefined ? [] : ['status']),
    ],
  };
}

function haltedField(vm: KubeObject): JsonObject {
  return powerFieldOf(vm).kind === 'running' ? { running: false } : { runStrategy: 'Halted' };
}

/** What the VM does now, if it does something, else what was saved when it was halted. */
function withOriginalStrategy(vm: KubeObject, metadata: ObjectMeta): ObjectMeta {
  const written = textAt(vm, 'spec', 'runStrategy') ?? '';
  const strategy = written === '' || written === 'Halted' ? originalRunStrategyOf(vm) : written;
  if (strategy === undefined) return metadata;
  return { ...metadata, annotations: { ...metadata.annotations, [originalRunStrategyAnnotation]: strategy } };
}

function withoutRevision(
  vm: KubeObject,
  field: 'instancetype' | 'preference',
): { readonly spec: JsonObject; readonly dropped: readonly string[] } {
  const matcher = at(vm, 'spec', field);
  if (!isJsonObject(matcher)) return { spec: {}, dropped: [] };
  const { revisionName, inferFromVolume, inferFromVolumeFailurePolicy, ...named } = matcher;
  const inferred = { inferFromVolume, inferFromVolumeFailurePolicy };
  const left = Object.entries(named.name === undefined ? { revisionName } : { revisionName, ...inferred });
  return {
    spec: { [field]: named.name === undefined ? { ...named, ...definedOnly(inferred) } : named },
    dropped: left.filter(([, value]) => value !== undefined).map(([name]) => `spec.${field}.${name}`),
  };
}

function copiedTemplate(vm: KubeObject, vmi: KubeObject | undefined): JsonObject {
  const template = objectAt(vm, 'spec', 'template');
  const spec = objectAt(template, 'spec');
  const volumes = at(spec, 'volumes') === undefined ? {} : { volumes: listAt(spec, 'volumes').map(volumeByClaim) };
  return { ...template, spec: { ...spec, domain: copiedDomain(vm, vmi), ...volumes } };
}

/** A DataVolume's claim has its name. */
function volumeByClaim(volume: Json): Json {
  if (!isJsonObject(volume) || !isJsonObject(volume.dataVolume)) return volume;
  const { dataVolume, ...rest } = volume;
  const { name, ...options } = dataVolume;
  return { ...rest, persistentVolumeClaim: { ...options, claimName: name } };
}

function copiedDomain(vm: KubeObject, vmi: KubeObject | undefined): JsonObject {
  const domain = objectAt(vm, 'spec', 'template', 'spec', 'domain');
  const devices = objectAt(domain, 'devices');
  const interfaces =
    at(devices, 'interfaces') === undefined
      ? {}
      : { interfaces: listAt(devices, 'interfaces').map((device) => withAddress(device, vmi)) };
  return {
    ...domain,
    firmware: copiedFirmware(vm.metadata.name, objectAt(domain, 'firmware'), vmi),
    ...(at(domain, 'devices') === undefined ? {} : { devices: { ...devices, ...interfaces } }),
  };
}

function copiedFirmware(vmName: string, firmware: JsonObject, vmi: KubeObject | undefined): JsonObject {
  const running = objectAt(vmi, 'spec', 'domain', 'firmware');
  const serial = firmware.serial ?? running.serial;
  return {
    ...firmware,
    uuid: firmware.uuid ?? running.uuid ?? legacyFirmwareUuid(vmName),
    ...(serial === undefined ? {} : { serial }),
  };
}

function withAddress(device: Json, vmi: KubeObject | undefined): Json {
  if (!isJsonObject(device) || device.macAddress !== undefined) return device;
  const seen = listAt(vmi, 'status', 'interfaces').find((candidate) => textAt(candidate, 'name') === device.name);
  const macAddress = textAt(seen, 'mac');
  return macAddress === undefined ? device : { ...device, macAddress };
}

function definedOnly(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
