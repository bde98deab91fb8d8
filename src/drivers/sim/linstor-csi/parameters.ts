import { linstorDriver } from '../../../model/volume.ts';
import { isSameJson, type Json, type JsonObject } from '../../../model/json.ts';
import type { ResourceGroup } from '../linstor/store.ts';
import { nameUuid } from './names.ts';
import { accessFromAnywhere, type AccessPolicy, readAccessPolicy } from './remote-access.ts';

/** What a StorageClass asks for. */
export interface ClassParameters {
  readonly placementCount: number;
  /** Fields of a resource group's `select_filter` besides the place count; what is not asked for is absent. */
  readonly filter: JsonObject;
  /** Properties for the resource group. */
  readonly properties: Readonly<Record<string, string>>;
  /** Name of the resource group: the class's own, or made of everything above. */
  readonly group: string;
  readonly access: AccessPolicy;
  readonly usePvcName: boolean;
  readonly fsOptions: string;
  readonly mountOptions: string;
  readonly postMountXfsOptions: string;
}

/**
 * StorageClass parameters as linstor-csi reads them (`pkg/volume/parameter.go`): keys in any case, bare or with its prefix;
 * `autoPlace` and `placementCount` are the same, 1 when not given; keys of other name spaces are not its own. Answers an
 * Error with the driver's text for what it does not take. `propertySpace`: where bare node labels stand, `Aux`.
 */
export function readParameters(raw: Readonly<Record<string, string>>, propertySpace: string): ClassParameters | Error {
  const properties: Record<string, string> = {};
  const own = new Map<string, string>();
  for (const [key, value] of Object.entries(raw)) {
    const slash = key.indexOf('/');
    const space = slash < 0 ? '' : key.slice(0, slash);
    if (space === 'DrbdOptions') properties[key] = value;
    else if (space === `property.${linstorDriver}`) properties[key.slice(slash + 1)] = value;
    else if (space === linstorDriver || space === '') {
      const name = key.slice(slash + 1).toLowerCase();
      if (!isParameter(name)) return new Error(`invalid parameter: ${name} does not belong to paramKey values`);
      own.set(name, value);
    }
  }
  const count = own.get('placementcount') ?? own.get('autoplace') ?? '';
  if (!/^[+-]?\d*$/.test(count))
    return new Error(`bad parameters: unable to parse ${JSON.stringify(count)} as a 32 bit integer`);
  const accessText = own.get('allowremotevolumeaccess');
  const access = accessText === undefined ? accessFromAnywhere : readAccessPolicy(accessText);
  if (access instanceof Error) return access;
  const placementCount = count === '' ? 1 : Number(count);
  const filter = filterOf(own, propertySpace);
  return {
    placementCount,
    filter,
    properties,
    group: own.get('resourcegroup') || groupNameFor(placementCount, filter, properties),
    access,
    usePvcName: /^(1|t|true)$/i.test(own.get('usepvcname') ?? ''),
    fsOptions: own.get('fsopts') ?? '',
    mountOptions: own.get('mountopts') ?? '',
    postMountXfsOptions: own.get('postmountxfsopts') ?? '',
  };
}

/**
 * What has to be changed of a resource group so that it is as the class asks; undefined when it is. An Error when it has
 * another value of a property: that is never changed.
 */
export function groupChange(
  { placementCount, filter, properties }: Pick<ClassParameters, 'placementCount' | 'filter' | 'properties'>,
  group: Pick<ResourceGroup, 'properties' | 'filter'> | undefined,
): JsonObject | Error | undefined {
  const present = (group?.filter ?? {}) as JsonObject;
  const select: Record<string, Json> = {};
  if ((present.place_count ?? 0) !== placementCount) select.place_count = placementCount;
  for (const [field, value] of Object.entries(filter)) {
    if (!isSameJson(present[field], value)) select[field] = value as Json;
  }
  const override: Record<string, string> = {};
  for (const key of Object.keys(properties).sort()) {
    const [value = '', existing] = [properties[key], group?.properties.get(key)];
    if (existing === undefined) override[key] = value;
    else if (existing !== value)
      return new Error(`cannot change existing property value: existing = ${existing}, expected = ${value}`);
  }
  const isChanged = Object.keys(select).length > 0 || Object.keys(override).length > 0;
  if (!isChanged) return undefined;
  return { ...(Object.keys(override).length === 0 ? {} : { override_props: override }), select_filter: select };
}

/** One group for equal parameters: its name is a UUID of the request that makes it. */
function groupNameFor(placementCount: number, filter: JsonObject, properties: ClassParameters['properties']): string {
  const change = groupChange({ placementCount, filter, properties }, undefined);
  return `sc-${nameUuid(`resourcegroup.${linstorDriver}`, JSON.stringify(change))}`;
}

/** In the order in which golinstor writes the fields: the group's name depends on it. */
function filterOf(own: ReadonlyMap<string, string>, propertySpace: string): JsonObject {
  const words = (name: string): string[] | undefined => own.get(name)?.match(/\S+/g) ?? undefined;
  const labels = (name: string): string[] | undefined => words(name)?.map((key) => labelProperty(key, propertySpace));
  const different = words('xreplicasondifferent')?.filter((each) => each.includes('='));
  const fields: Record<string, Json | undefined> = {
    storage_pool_list: words('storagepool'),
    not_place_with_rsc_regex: own.get('donotplacewithregex'),
    replicas_on_same: labels('replicasonsame'),
    replicas_on_different: labels('replicasondifferent'),
    x_replicas_on_different_map:
      different === undefined ? undefined : Object.fromEntries(different.map((each) => pairOf(each, propertySpace))),
    layer_stack: (own.get('layerlist') ?? 'drbd storage').toUpperCase().split(' '),
    diskless_on_remaining: /^(1|t|true)$/i.test(own.get('disklessonremaining') ?? '') ? true : undefined,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));
}

function pairOf(text: string, propertySpace: string): readonly [string, number] {
  const index = text.lastIndexOf('=');
  return [labelProperty(text.slice(0, index), propertySpace), Number(text.slice(index + 1))];
}

/** Node labels are auxiliary properties: `site` is `Aux/site`. */
function labelProperty(key: string, propertySpace: string): string {
  return key.startsWith('Aux/') ? key : `${propertySpace}/${key}`;
}

function isParameter(name: string): boolean {
  return parameterNames.has(name) || name.startsWith('nfs');
}

const parameterNames: ReadonlySet<string> = new Set(
  (
    'allowremotevolumeaccess autoplace clientlist disklessonremaining disklessstoragepool donotplacewithregex encryption ' +
    'fsopts layerlist mountopts nodelist placementcount placementpolicy replicasondifferent replicasonsame sizekib ' +
    'storagepool postmountxfsopts resourcegroup usepvcname overprovision xreplicasondifferent'
  ).split(' '),
);
