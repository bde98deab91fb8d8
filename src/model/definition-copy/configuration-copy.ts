import { textAt } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import type { SiteName } from '../site.ts';
import { copiedMetadata, type DefinitionCopy } from './copied-metadata.ts';

/** A Secret for the other site: type and data as they are. */
export function copySecret(secret: KubeObject, from: SiteName): DefinitionCopy {
  return copyContent(secret, 'Secret', ['type', 'immutable', 'data', 'stringData'], from);
}

/** A ConfigMap for the other site. */
export function copyConfigMap(configMap: KubeObject, from: SiteName): DefinitionCopy {
  return copyContent(configMap, 'ConfigMap', ['immutable', 'data', 'binaryData'], from);
}

/** False for tokens that a cluster issues for itself: on another cluster they are worth nothing, and its controller deletes them. */
export function isCopyableSecret(secret: KubeObject): boolean {
  const type = textAt(secret, 'type') ?? 'Opaque';
  return type !== 'kubernetes.io/service-account-token' && type !== 'bootstrap.kubernetes.io/token';
}

function copyContent(source: KubeObject, kind: string, fields: readonly string[], from: SiteName): DefinitionCopy {
  const { metadata, dropped } = copiedMetadata(source, from);
  const content = Object.fromEntries(
    fields.filter((field) => source[field] !== undefined).map((field) => [field, source[field]]),
  );
  return { object: { apiVersion: 'v1', kind, metadata, ...content }, dropped };
}
