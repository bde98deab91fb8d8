import { obstaclesIn, targetChecks } from '../model/unplanned-checks.ts';
import { checkLines, findingLines, shownChecks } from './check-text.ts';
import { CommandError } from './command-error.ts';
import { readForm } from './consent-form.ts';
import type { CommandContext } from './context.ts';
import type { ExitName } from './exit-codes.ts';
import { isAt } from './failover-plan.ts';
import { alreadyThere, type FailoverOrder, follow, goOn } from './failover-run.ts';
import { startOperation } from './operation-run.ts';
import { isForPrograms, printDocument, printLines, printNotes } from './output.ts';
import type { OpenSites } from './sites.ts';
import { consentsInForm, typedConsents, unplannedForm } from './unplanned-consents.ts';
import { lookUnplanned, type UnplannedLook, unplannedRefusal } from './unplanned-look.ts';
import { unplannedIntroduction } from './unplanned-text.ts';

/**
 * Moves a group to the target without the source: shows what is known and what is not, has the person accept what cannot be
 * proven, and starts the operation with that; or goes on with the one that is under way.
 */
export async function runUnplanned(order: FailoverOrder, sites: OpenSites, context: CommandContext): Promise<ExitName> {
  const seen = await lookUnplanned(order, sites, context);
  requireTargetGroup(order, seen);
  if (seen.operation !== undefined && !order.dryRun) return goOn(order, seen.operation, sites, context);
  if (isAt(seen.look.view.group.target, 'running')) return alreadyThere(order, context);
  if (order.dryRun) return dryRun(order, seen, context);
  const print = isForPrograms(order.output) ? printNotes : printLines;
  print(unplannedIntroduction(seen), context);
  if (seen.findings.length > 0) throw unplannedRefusal(seen);
  const consents = await consentsTo(order, seen, context);
  if (consents === undefined) {
    print(['✗ Cancelled: nothing was changed'], context);
    return 'cancelled';
  }
  return follow(order, sites, context, (ports) => startOperation({ ...seen.request, consents }, ports));
}

async function consentsTo({ consentFile, output }: FailoverOrder, seen: UnplannedLook, context: CommandContext) {
  if (consentFile === undefined) return typedConsents(seen, context, isForPrograms(output) ? 'stderr' : 'stdout');
  const form = await readForm(consentFile, 'pgctl failover --unplanned --dry-run -o yaml');
  return consentsInForm(form, consentFile, seen, context);
}

function requireTargetGroup({ group, namespace, target }: FailoverOrder, { look: { view } }: UnplannedLook): void {
  const reading = view.group.target.group;
  if (reading.known && reading.value !== undefined) return;
  throw new CommandError(`Protection group ${group} was not found in namespace ${namespace} of ${target}`, {
    reason: reading.known ? `${target} has no such group: nothing was prepared there` : reading.why,
    remedy: reading.known
      ? `List the groups: pgctl get protectiongroups -n ${namespace}`
      : 'An unplanned failover needs its target: pgctl config test',
    ...(reading.known ? {} : { exit: 'notReady' as const }),
  });
}

async function dryRun(
  { output, group, target }: FailoverOrder,
  seen: UnplannedLook,
  context: CommandContext,
): Promise<ExitName> {
  const { look, findings } = seen;
  if (output === 'json' || output === 'yaml') await printDocument(unplannedForm(seen), output, context);
  else {
    const { group: view } = look.view;
    printLines(
      [
        '✓ Dry run mode - no changes will be made',
        ...unplannedIntroduction(seen),
        'Pre-flight checks:',
        ...checkLines(shownChecks(targetChecks(view, undefined), view.target, view)),
        ...obstaclesIn(view, look.evidence).flatMap(findingLines),
        `Ready for unplanned failover: ${findings.length === 0 ? 'YES' : 'NO'}`,
        ...(findings.length === 0 && look.evidence.needs.length > 0
          ? [`A form to accept it in advance: pgctl failover ${group} --to ${target} --unplanned --dry-run -o yaml`]
          : []),
      ],
      context,
    );
  }
  return findings.length === 0 ? 'ok' : 'notReady';
}
