import { objectAt, textAt } from '../../../src/model/json.ts';
import type { ObjectEvent } from './trace.ts';

/** Kinds of the objects that a step of a life cycle creates; what stands in brackets is not there. */
export function kindsCreatedBy(action: string): readonly string[] {
  if (!action.startsWith('create ')) return [];
  const text = action.replaceAll(/\([^)]*\)/g, '');
  return creations.filter(({ says }) => says.test(text)).map(({ kind }) => kind);
}

const creations: readonly { readonly says: RegExp; readonly kind: string }[] = [
  { says: /\bPV\b/, kind: 'PersistentVolume' },
  { says: /\bPVC\b/, kind: 'PersistentVolumeClaim' },
  { says: /^create (VM\b|VirtualMachine )/, kind: 'VirtualMachine' },
  { says: /^create VirtualMachineInstance /, kind: 'VirtualMachineInstance' },
  { says: /^create VirtualMachineInstanceMigration/, kind: 'VirtualMachineInstanceMigration' },
  { says: /^create VirtualMachineInstancetype/, kind: 'VirtualMachineInstancetype' },
  { says: /^create ResourceQuota/, kind: 'ResourceQuota' },
];

/** The quota of `create ResourceQuota pods=0`, which the recording did not watch. */
export function quotaOf(action: string): Pick<ObjectEvent, 'kind' | 'object'> {
  const hard = Object.fromEntries([...action.matchAll(/(\S+)=(\S+)/g)].map((match) => [match[1], match[2]]));
  return { kind: 'ResourceQuota', object: { metadata: { name: 'q', namespace: 'here' }, spec: { hard } } };
}

/** An instancetype, of which KubeVirt keeps a copy in a ControllerRevision. */
export function instancetypeOf(
  action: string,
  revisions: readonly ObjectEvent[],
): Pick<ObjectEvent, 'kind' | 'object'> {
  const kind = 'VirtualMachineInstancetype';
  const name = /Instancetype (\S+)/.exec(action)?.[1] ?? '';
  const copy = revisions
    .map(({ object }) => objectAt(object, 'data'))
    .find((data) => data.kind === kind && textAt(data, 'metadata', 'name') === name);
  const spec = copy === undefined ? { cpu: { guest: 1 }, memory: { guest: '512Mi' } } : objectAt(copy, 'spec');
  return { kind, object: { metadata: { name, namespace: 'here' }, spec } };
}
