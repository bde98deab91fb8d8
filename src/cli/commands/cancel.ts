import { againCommand } from '../../machines/recovery/verdicts.ts';
import { failoverRequestOf, unfinishedOperations } from '../../model/failover.ts';
import type { KubeObject } from '../../model/kube.ts';
import { isPastReturn } from '../../model/operation-history.ts';
import { isRecovery } from '../../model/operation-sites.ts';
import { recoveryRequestOf } from '../../model/recovery/recovery-request.ts';
import { defineCommand } from '../command.ts';
import { CommandError } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import type { ExitName } from '../exit-codes.ts';
import { follow } from '../failover-run.ts';
import { checkObjectName, groupPositional, namespaceOption, placeOf } from '../group-arguments.ts';
import { continueOperation, requestCancel } from '../operation-run.ts';
import { type OperationsRead, readOperations } from '../operations-read.ts';
import { isForPrograms, type OutputFormat, outputOption, printDocument, printLines, printNotes } from '../output.ts';
import { followRecovery, recoveries } from '../recovery/run.ts';
import { type OpenSites, withSites } from '../sites.ts';

export const cancelCommand = defineCommand({
  name: 'cancel',
  about:
    'Gives up the operation on a protection group. A failover is followed until the VMs run on the source again (exit 7); once the target may have been told to start a VM there is no way back without loss: then it says no (exit 4), and the operation goes on. A comparison can always be given up; a recovery until copies are told to come together.',
  examples: ['pgctl cancel production-pg'],
  args: { name: groupPositional, namespace: namespaceOption, output: outputOption(['json', 'yaml']) },
  complete: async ({ name, namespace, output }, context) => ({ ...(await placeOf(namespace, context)), name, output }),
  validate: ({ name }) => checkObjectName(name, 'protection group'),
  run: ({ settings, namespace, name, output }, outer) =>
    withSites(settings, outer, async (sites, context) => {
      const operation = runningOperation(await readOperations(sites, namespace, context), name);
      if (isPastReturn(operation)) throw tooLate(operation);
      const give = isRecovery(operation) ? giveUpRecovery : giveUpFailover;
      const exit = await give(operation, output, sites, context);
      // It went past the point of no return between our look and our word.
      if (exit === 'ok') throw tooLate(operation);
      return exit;
    }),
});

async function giveUpFailover(
  operation: KubeObject,
  output: OutputFormat,
  sites: OpenSites,
  context: CommandContext,
): Promise<ExitName> {
  const request = failoverRequestOf(operation);
  await requestCancel(request, sites.driver);
  const print = isForPrograms(output) ? printNotes : printLines;
  print([`▶ Cancelling operation ${request.name}: ${request.group} to ${request.target}`], context);
  return follow({ output }, sites, context, (ports) => continueOperation(request, ports));
}

async function giveUpRecovery(
  operation: KubeObject,
  output: OutputFormat,
  sites: OpenSites,
  context: CommandContext,
): Promise<ExitName> {
  const request = recoveryRequestOf(operation);
  await recoveries.cancel(request, sites.driver);
  const forPrograms = isForPrograms(output);
  const print = forPrograms ? printNotes : printLines;
  print([`▶ Cancelling operation ${request.name}: ${request.action} of ${request.group}`], context);
  const { exit, document } = await followRecovery(forPrograms, sites, context, (ports) =>
    recoveries.goOn(request, ports),
  );
  if (document !== undefined && (output === 'json' || output === 'yaml'))
    await printDocument(document, output, context);
  return exit;
}

/** The operation on a group that has not ended, as the site that keeps it tells. Throws when there is none, or none can be told. */
function runningOperation({ held, silent }: OperationsRead, group: string): KubeObject {
  const [operation] = held.flatMap(({ objects }) => unfinishedOperations(objects, group));
  if (operation !== undefined) return operation;
  if (silent.length > 0) {
    throw new CommandError(`Whether an operation on ${group} is under way is not known`, {
      reason: silent.map(({ why }) => why).join('; '),
      remedy: 'Nothing was changed. See which clusters answer: pgctl config test',
    });
  }
  throw new CommandError(`There is nothing to cancel: no operation on ${group} is under way`, {
    reason: `all operations that ${held.map(({ site }) => site).join(' and ')} hold have ended`,
    remedy: `See what they came to: pgctl history ${group}`,
  });
}

function tooLate(operation: KubeObject): CommandError {
  return new CommandError(`Operation ${operation.metadata.name} cannot be cancelled any more`, {
    ...(isRecovery(operation) ? copiesAreReuniting(operation) : targetMayHaveStarted(operation)),
    exit: 'held',
  });
}

function targetMayHaveStarted(operation: KubeObject): { readonly reason: string; readonly remedy: string } {
  const { group, source, target } = failoverRequestOf(operation);
  return {
    reason: `VMs may have started on ${target}: turning back to ${source} now would lose what they have written`,
    remedy: `Let it end, and return then: pgctl failover ${group} --to ${target}; pgctl failover ${group} --to ${source}`,
  };
}

function copiesAreReuniting(operation: KubeObject): { readonly reason: string; readonly remedy: string } {
  return {
    reason: 'copies have been told to come together: one in the middle of a resync is of no use to anybody',
    remedy: `Let it end: ${againCommand({ request: recoveryRequestOf(operation) })}`,
  };
}
