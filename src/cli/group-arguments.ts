import { isNamespaceName, type Settings } from '../model/settings.ts';
import { type Argument, option, positional } from './command.ts';
import { usageError } from './command-error.ts';
import { loadSettings } from './config-folder.ts';
import type { CommandContext } from './context.ts';

export const namespaceOption: Argument<string | undefined> = option(
  '-n, --namespace NAMESPACE',
  'Kubernetes namespace (default: DEFAULT_NAMESPACE of the configuration)',
);

export const groupPositional: Argument<string> = positional('NAME', 'name of the protection group', {
  suggest: 'protectionGroups',
});

/** What every command on groups has after completion: the settings, and the namespace that is meant. */
export interface Place {
  readonly settings: Settings;
  readonly namespace: string;
}

/** Fills in the namespace from the settings. */
export async function placeOf(namespace: string | undefined, context: CommandContext): Promise<Place> {
  const settings = await loadSettings(context);
  const meant = namespace ?? settings.defaultNamespace;
  if (!isNamespaceName(meant)) {
    throw usageError(
      `Expected --namespace to be the name of a namespace, got "${meant}"`,
      'Lower-case letters, digits and "-" only',
    );
  }
  return { settings, namespace: meant };
}

/** Throws unless the text can be the name of a Kubernetes object (RFC 1123 subdomain). */
export function checkObjectName(name: string, what: string): void {
  if (name.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name)) return;
  throw usageError(
    `Expected the name of the ${what} to be lower-case letters, digits, "-" and ".", got "${name}"`,
    'Names follow those of Kubernetes objects (RFC 1123)',
  );
}

/** Throws unless the text can be the name of a protection group: short, so that the names of its operations fit. */
export function checkGroupName(name: string): void {
  if (/^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$/.test(name)) return;
  throw usageError(
    `Expected the name of the protection group to be lower-case letters, digits and "-" (52 at most), got "${name}"`,
    'Choose a name such as production-pg',
  );
}
