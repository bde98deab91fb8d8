import type { KubeObject } from './kube.ts';

/** Annotation of a ProtectionGroup that says in which wave it goes when several groups are moved. Lower ones go first. */
export const waveAnnotation = 'siterecovery.trilio.io/wave';

/** The wave of a ProtectionGroup: 0 where it names none, undefined where what it names is no whole number. */
export function waveOf({ metadata }: KubeObject): number | undefined {
  const text = metadata.annotations?.[waveAnnotation];
  if (text === undefined) return 0;
  return /^-?\d{1,6}$/.test(text) ? Number(text) : undefined;
}
