import { type Json, type JsonObject, listAt, objectAt } from '../../../model/json.ts';
import lines from './internal-pod-types.json' with { type: 'json' };
import { unifiedDiff } from './unified-diff.ts';

/** How two specs of a pod differ, as the server's internal Go types print them: every field, in its order, by its Go name. */
export function podSpecDifference(before: JsonObject, after: JsonObject): string {
  return unifiedDiff(goText(before), goText(after));
}

function goText(spec: JsonObject): string {
  // What the internal type has in the security context is sent beside it.
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers } = spec;
  const security: JsonObject = { ...objectAt(spec, 'securityContext') };
  const host = { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers };
  const whole = { ...spec, securityContext: { ...host, ...security } };
  return JSON.stringify(structure(whole, 'PodSpec'), null, 1);
}

const types: Readonly<Record<string, string>> = lines;

const besideSecurityContext: Readonly<Record<string, string>> = {
  HostIPC: 'hostIPC',
  HostNetwork: 'hostNetwork',
  HostPID: 'hostPID',
  HostUsers: 'hostUsers',
  ShareProcessNamespace: 'shareProcessNamespace',
};

function structure(value: JsonObject, type: string): JsonObject {
  const printed: Record<string, Json> = {};
  for (const field of (types[type] ?? '').split('; ')) {
    const [name = '', jsonName = '', fieldType = ''] = field.split(' ');
    if (name === '=') Object.assign(printed, structure(value, jsonName));
    else printed[name] = goValue(value[jsonName === '-' ? (besideSecurityContext[name] ?? '') : jsonName], fieldType);
  }
  return printed;
}

// A pointer, a list or a map that is not there is null; anything else has its zero value.
function goValue(value: Json | undefined, type: string): Json {
  const below = type.slice(1);
  switch (type[0]) {
    case '*':
      return value === undefined ? null : goValue(value, below);
    case '[':
      return value === undefined ? null : listAt(value).map((item) => goValue(item, below));
    case '{':
      return value === undefined ? null : inKeyOrder(objectAt(value));
    default:
      break;
  }
  if (type in types) return structure(objectAt(value), type);
  return value ?? zeroes[type] ?? null;
}

const zeroes: Readonly<Record<string, Json>> = { bool: false, number: 0, string: '' };

function inKeyOrder(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
