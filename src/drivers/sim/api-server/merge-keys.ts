/** How a list of a built-in type is patched and applied: as a whole, item by item by a key, or as a set of values. */
export type ListMerge =
  | { readonly kind: 'atomic' }
  | { readonly kind: 'set' }
  | { readonly kind: 'map'; readonly key: string };

const atomic: ListMerge = { kind: 'atomic' };
const set: ListMerge = { kind: 'set' };
const by = (key: string): ListMerge => ({ kind: 'map', key });

/** `patchMergeKey` tags of k8s.io/api, by field name: within the kinds served here a name means the same everywhere. */
const merges: Readonly<Record<string, ListMerge>> = {
  conditions: by('type'),
  containers: by('name'),
  env: by('name'),
  ephemeralContainers: by('name'),
  finalizers: set,
  hostAliases: by('ip'),
  hostIPs: by('ip'),
  imagePullSecrets: by('name'),
  initContainers: by('name'),
  ownerReferences: by('uid'),
  podCIDRs: set,
  podIPs: by('ip'),
  resourceClaims: by('name'),
  schedulingGates: by('name'),
  secrets: by('name'),
  topologySpreadConstraints: by('topologyKey'),
  volumeDevices: by('devicePath'),
  volumeMounts: by('mountPath'),
  volumes: by('name'),
};

/** How the list at a path (field names, without indices) of a built-in kind is merged. */
export function listMerge(kind: string, path: readonly string[]): ListMerge {
  const field = path.at(-1) ?? '';
  const parent = path.at(-2) ?? '';
  if (field === 'ports') {
    if (kind === 'Service' && parent === 'spec') return by('port');
    return parent === 'containers' || parent === 'initContainers' ? by('containerPort') : atomic;
  }
  if (field === 'addresses') return kind === 'Node' ? by('type') : atomic;
  if (field === 'conditions' && kind === 'CustomResourceDefinition') return atomic;
  return merges[field] ?? atomic;
}
