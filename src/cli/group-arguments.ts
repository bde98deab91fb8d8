import { isNamespaceName, type Settings } from '../model/settings.ts';
import { allNamespaces } from '../model/read-plan.ts';
import { type Argument, flag, option, positional } from './command.ts';
import { usageError } from './command-error.ts';
import { loadSettings } from './config-folder.ts';
import type { CommandContext } from './context.ts';

export const namespaceOption: Argument<string | undefined> = option(
  '-n, --namespace NAMESPACE',
  'Kubernetes namespace (default: DEFAULT_NAMESPACE of the configuration)',
);

/** For commands that mean several groups. */
export const allNamespacesFlag: Argument<boolean> = flag(
  '-A, --all-namespaces',
  'the groups of every namespace, whatever --namespace says',
);

export const groupPositional: Argument<string> = positional('NAME', 'name of the protection group', {
  suggest: 'protectionGroups',
});

/** What every command on groups has after completion: the settings, and the namespace that is meant. */
export interface Place {
  readonly settings: Settings;
  readonly namespace: string;
}

/** The same where every namespace may be meant: the place is `allNamespaces` then. */
export async function placeOfSeveral(
  { namespace, everywhere }: { readonly namespace: string | undefined; readonly everywhere: boolean },
  context: CommandContext,
): Promise<Place> {
  const place = await placeOf(namespace, context);
  return everywhere ? { ...place, namespace: allNamespaces } : place;
}

/** Throws unless one group is meant by its name, or all. */
export function checkMeantGroups(meant: {
  readonly name: string | undefined;
  readonly all: boolean;
  readonly namespace: string;
}): void {
  const { name, all } = meant;
  if (name === undefined && !all) throw usageError('NAME is missing', 'Name a protection group, or give --all');
  if (name !== undefined && all) throw usageError('NAME and --all exclude one another', 'Give one of them');
  checkOneNamespace(meant);
  if (name !== undefined) checkObjectName(name, 'protection group');
}

/** Throws when one group is meant by its name, and every namespace: as kubectl does, for there may be several. */
export function checkOneNamespace({
  name,
  namespace,
}: {
  readonly name: string | undefined;
  readonly namespace: string;
}): void {
  if (name === undefined || namespace !== allNamespaces) return;
  throw usageError('NAME and --all-namespaces exclude one another', 'Say where the group is: --namespace NAMESPACE');
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
