import type { KubeObject } from '../../../model/kube.ts';
import type { ServedType } from './served-resource.ts';
import { plainError } from './status-errors.ts';

/** What a refused apply calls its configuration: `ns/name; group/version, Kind=Kind` (`objectGVKNN` of managedfields). */
export function nameOfConfiguration({ metadata }: KubeObject, served: ServedType): string {
  const name = metadata?.name ?? '';
  return `${metadata?.namespace ?? ''}/${name}; ${kindOf(served)}`;
}

/** An apply whose result is no object of its Go type: an amount, a time or bytes that say nothing. */
export function unconvertible(config: KubeObject, served: ServedType, problem: string): Error {
  const what = `${nameOfConfiguration(config, served)}) to proper version`;
  return plainError(
    `failed to convert new object (${what}: unable to convert unstructured object to ${kindOf(served)}: ${problem}`,
  );
}

function kindOf({ type: { group, version, kind } }: ServedType): string {
  return `${group}/${version}, Kind=${kind}`;
}
