import { allNamespaces } from '../model/read-plan.ts';
import { commandErrorOf } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { type ExitName, exitCodes } from './exit-codes.ts';
import { listGroups, type Reach } from './observe.ts';
import { printNotes } from './output.ts';

/** What a command came to for one group; its document for programs, where there is one. */
export interface GroupEnd {
  readonly exit: ExitName;
  readonly document?: unknown;
}

/**
 * Does something for every group of a namespace or of all that a cluster which answers tells of, one after the other. A group for
 * which it fails keeps none of the others from it. Answers the gravest exit of all. Throws when no cluster tells which groups
 * there are.
 */
export async function forEachGroup(
  reach: Reach,
  { sites, namespace: meant }: { readonly sites: readonly string[]; readonly namespace: string },
  context: CommandContext,
  one: (group: string, namespace: string) => Promise<GroupEnd>,
): Promise<GroupEnd> {
  const documents: unknown[] = [];
  let gravest: ExitName = 'ok';
  for (const { group, namespace } of await listGroups(reach, sites, meant)) {
    if (context.interrupted.aborted) return { exit: 'timedOut' };
    const { exit, document } = await one(group, namespace).catch((problem: unknown): GroupEnd => {
      const { message, reason, remedy, exit: failed } = commandErrorOf(problem);
      printNotes([`✗ ${message}`, `reason: ${reason}`, `remedy: ${remedy}`], context);
      return { exit: failed, document: { protectionGroup: group, error: { message, reason, remedy } } };
    });
    documents.push({ namespace, ...(document as object | undefined) });
    if (exitCodes[exit].code > exitCodes[gravest].code) gravest = exit;
  }
  const where = meant === allNamespaces ? {} : { namespace: meant };
  return { exit: gravest, document: { ...where, groups: documents } };
}
