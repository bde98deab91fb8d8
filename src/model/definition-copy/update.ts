import type { JsonObject } from '../json.ts';
import { textAt } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import { originalRunStrategyAnnotation, originalRunStrategyOf, wantsToRun } from '../virtual-machine.ts';
import { replicatedResourceOf, volumeNameOf } from '../volume.ts';
import { copyDifferenceOf } from './copy-difference.ts';
import { copiedFrom, sourceGenerationAnnotation } from './marks.ts';

/**
 * What to do about an object that exists where a copy is to be.
 * - `patch`: a merge patch, bound to the resourceVersion seen; `fixed` are fields that differ and cannot be changed in place
 * - `fixed`: it differs in such fields only
 * - `held`: it differs, and is not to be changed now
 */
export type CopyUpdate =
  | { readonly kind: 'same' }
  | {
      readonly kind: 'patch';
      readonly patch: JsonObject;
      readonly paths: readonly string[];
      readonly fixed: readonly string[];
    }
  | { readonly kind: 'fixed'; readonly fixed: readonly string[] }
  | {
      readonly kind: 'held';
      /** `MayRun`: a VM that is not halted there. `NotOurCopy`: another object that happens to have the name. */
      readonly reason: 'MayRun' | 'NotOurCopy';
      readonly paths: readonly string[];
    };

/**
 * The update of an existing object to a copy made now. Never touches a VM's power, a VM that may run, or fields that are fixed
 * since creation.
 * @param adopt true: the person said that an object of that name which we did not make is to become the copy
 */
export function updateOf(existing: KubeObject, copy: KubeObject, adopt = false): CopyUpdate {
  const { patch, paths, fixed } = copyDifferenceOf(existing, copy);
  const strategy = strategyUpdate(existing, copy);
  const changed = strategy === undefined ? paths : [...paths, `metadata.annotations.${originalRunStrategyAnnotation}`];
  if (changed.length === 0 && fixed.length === 0) return { kind: 'same' };
  if (!adopt && !isCounterpart(existing, copy))
    return { kind: 'held', reason: 'NotOurCopy', paths: [...changed, ...fixed] };
  if (mayRun(existing)) return { kind: 'held', reason: 'MayRun', paths: [...changed, ...fixed] };
  if (changed.length === 0) return { kind: 'fixed', fixed };
  return { kind: 'patch', patch: withMetadata(existing, copy, patch, strategy), paths: changed, fixed };
}

/** True when an object is our copy, or the same thing from before it was ever copied: same disk, same machine, same claim. */
export function isCounterpart(existing: KubeObject, copy: KubeObject): boolean {
  if (copiedFrom(existing) !== undefined) return true;
  switch (copy.kind) {
    case 'VirtualMachine':
      return sameKnown(firmwareUuidOf(existing), firmwareUuidOf(copy));
    case 'PersistentVolume':
      return sameKnown(replicatedResourceOf(existing), replicatedResourceOf(copy));
    case 'PersistentVolumeClaim':
      return sameKnown(volumeNameOf(existing), volumeNameOf(copy));
    default:
      return false;
  }
}

/** A saved strategy follows the source while the VM is halted here; it says how to start, and starts nothing. */
function strategyUpdate(existing: KubeObject, copy: KubeObject): string | undefined {
  const wanted = originalRunStrategyOf(copy);
  if (copy.kind !== 'VirtualMachine' || wanted === undefined) return undefined;
  return wantsToRun(existing) === false && originalRunStrategyOf(existing) !== wanted ? wanted : undefined;
}

function mayRun(existing: KubeObject): boolean {
  if (existing.kind !== 'VirtualMachine') return false;
  return wantsToRun(existing) !== false || (existing.status?.created ?? false) === true;
}

function withMetadata(
  existing: KubeObject,
  copy: KubeObject,
  patch: JsonObject,
  strategy: string | undefined,
): JsonObject {
  const metadata = (patch.metadata ?? {}) as { readonly annotations?: JsonObject };
  const generation = copy.metadata.annotations?.[sourceGenerationAnnotation];
  const annotations: JsonObject = {
    ...metadata.annotations,
    ...(generation === undefined || copiedFrom(existing) === undefined
      ? {}
      : { [sourceGenerationAnnotation]: generation }),
    ...(strategy === undefined ? {} : { [originalRunStrategyAnnotation]: strategy }),
  };
  const { resourceVersion } = existing.metadata;
  return {
    ...patch,
    metadata: {
      ...metadata,
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
  };
}

function firmwareUuidOf(vm: KubeObject): string | undefined {
  return textAt(vm, 'spec', 'template', 'spec', 'domain', 'firmware', 'uuid');
}

function sameKnown(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a === b;
}
