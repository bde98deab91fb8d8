import { at, isJsonObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import { type Difference, differenceOf } from './merge-difference.ts';

/**
 * Where the definition of an existing VM differs from a copy. Never about power: `running`, `runStrategy` and what the other site
 * resolved by itself are not compared. A template field that the source no longer has is removed, but for what webhooks fill in.
 */
export function virtualMachineDifference(existing: KubeObject, copy: KubeObject): Difference {
  const before = comparedSpec(existing);
  const after = comparedSpec(adaptedTo(existing, copy));
  const { patch, paths } = differenceOf(before, after, 'spec', (path) => isFilledIn(path, existing, copy));
  return { patch: paths.length === 0 ? {} : { spec: patch }, paths };
}

const notCompared: ReadonlySet<string> = new Set(['running', 'runStrategy', 'dataVolumeTemplates']);

function comparedSpec(vm: KubeObject): JsonObject {
  return Object.fromEntries(Object.entries(objectAt(vm, 'spec')).filter(([field]) => !notCompared.has(field)));
}

/** Fields that the mutating webhook, or KubeVirt's controller, puts into a definition that comes without them. */
const filledIn: readonly string[] = [
  'spec.template.metadata.creationTimestamp',
  'spec.template.metadata.annotations',
  'spec.template.spec.architecture',
  'spec.template.spec.domain.machine',
  'spec.template.spec.domain.firmware',
  'spec.template.spec.domain.resources',
];

function isFilledIn(path: string, existing: KubeObject, copy: KubeObject): boolean {
  if (filledIn.some((filled) => path === filled || path.startsWith(`${filled}.`))) return true;
  // What was resolved for the same instancetype or preference stays; with another name it no longer fits.
  const matcher = ['instancetype', 'preference'].find((field) => path.startsWith(`spec.${field}.`));
  return matcher !== undefined && textAt(existing, 'spec', matcher, 'name') === textAt(copy, 'spec', matcher, 'name');
}

/** The copy in the words of the existing VM where they mean the same: a DataVolume for its claim, a MAC address seen before. */
function adaptedTo(existing: KubeObject, copy: KubeObject): KubeObject {
  const template = objectAt(copy, 'spec', 'template');
  const spec = objectAt(template, 'spec');
  const domain = objectAt(spec, 'domain');
  const devices = objectAt(domain, 'devices');
  const adaptedDevices =
    at(devices, 'interfaces') === undefined
      ? devices
      : { ...devices, interfaces: listAt(devices, 'interfaces').map((device) => withKnownAddress(device, existing)) };
  const adaptedSpec: JsonObject = {
    ...spec,
    ...(at(domain, 'devices') === undefined ? {} : { domain: { ...domain, devices: adaptedDevices } }),
    ...(at(spec, 'volumes') === undefined
      ? {}
      : { volumes: listAt(spec, 'volumes').map((volume) => asDataVolume(volume, existing)) }),
  };
  return { ...copy, spec: { ...copy.spec, template: { ...template, spec: adaptedSpec } } };
}

function withKnownAddress(device: Json, existing: KubeObject): Json {
  if (!isJsonObject(device) || device.macAddress !== undefined) return device;
  const present = listAt(existing, 'spec', 'template', 'spec', 'domain', 'devices', 'interfaces');
  const macAddress = textAt(
    present.find((candidate) => textAt(candidate, 'name') === device.name),
    'macAddress',
  );
  return macAddress === undefined ? device : { ...device, macAddress };
}

function asDataVolume(volume: Json, existing: KubeObject): Json {
  const present = listAt(existing, 'spec', 'template', 'spec', 'volumes').find(
    (candidate) => textAt(candidate, 'name') === textAt(volume, 'name'),
  );
  const claim = textAt(volume, 'persistentVolumeClaim', 'claimName');
  return present !== undefined && claim !== undefined && textAt(present, 'dataVolume', 'name') === claim
    ? present
    : volume;
}
