import type { SelectFilter } from './store.ts';

export interface ClassSettings {
  readonly filter: SelectFilter;
  /** Properties for the resource group. */
  readonly properties: Readonly<Record<string, string>>;
  /** `resourceGroup`, where the class names one. */
  readonly group: string | undefined;
}

const ownPrefix = 'linstor.csi.linbit.com/';
const propertyPrefix = 'property.linstor.csi.linbit.com/';

/**
 * StorageClass parameters as linstor-csi reads them (piraeusdatastore/linstor-csi `pkg/volume/parameter.go`): keys in any
 * case, bare or with its prefix; `autoPlace` and `placementCount` are the same, 1 when not given.
 */
export function filterOfParameters(parameters: Readonly<Record<string, string>>): ClassSettings {
  const properties: Record<string, string> = {};
  const own = new Map<string, string>();
  for (const [key, value] of Object.entries(parameters)) {
    if (key.startsWith(propertyPrefix)) properties[key.slice(propertyPrefix.length)] = value;
    else if (key.startsWith('DrbdOptions/')) properties[key] = value;
    else if (key.startsWith(ownPrefix)) own.set(key.slice(ownPrefix.length).toLowerCase(), value);
    else if (!key.includes('/')) own.set(key.toLowerCase(), value);
  }
  const count = own.get('placementcount') ?? own.get('autoplace') ?? '';
  const pool = own.get('storagepool');
  const filter: SelectFilter = {
    place_count: count === '' ? 1 : Number(count),
    ...(pool === undefined || pool === '' ? {} : { storage_pool: pool, storage_pool_list: pool.split(/\s+/) }),
    ...rules('replicas_on_same', own.get('replicasonsame')),
    ...rules('replicas_on_different', own.get('replicasondifferent')),
    ...differentMap(own.get('xreplicasondifferent')),
  };
  return { filter, properties, group: own.get('resourcegroup') };
}

/** Node labels become auxiliary properties: `topology/site` is the property `Aux/topology/site`. */
function rules(field: 'replicas_on_same' | 'replicas_on_different', text: string | undefined): SelectFilter {
  const keys = (text ?? '').split(/\s+/).filter((key) => key !== '');
  return keys.length === 0 ? {} : { [field]: keys.map(auxiliary) };
}

function differentMap(text: string | undefined): SelectFilter {
  const pairs = (text ?? '').split(/\s+/).filter((each) => each.includes('='));
  if (pairs.length === 0) return {};
  const map: Record<string, number> = {};
  for (const pair of pairs)
    map[auxiliary(pair.slice(0, pair.lastIndexOf('=')))] = Number(pair.slice(pair.lastIndexOf('=') + 1));
  return { x_replicas_on_different_map: map };
}

function auxiliary(key: string): string {
  return key.startsWith('Aux/') ? key : `Aux/${key}`;
}
