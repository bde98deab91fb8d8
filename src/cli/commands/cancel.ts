import { failoverRequestOf, unfinishedOperations } from '../../model/failover.ts';
import { textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/kube.ts';
import { isPastReturn } from '../../model/operation-history.ts';
import { defineCommand } from '../command.ts';
import { CommandError } from '../command-error.ts';
import type { ExitName } from '../exit-codes.ts';
import { follow } from '../failover-run.ts';
import { checkObjectName, groupPositional, namespaceOption, placeOf } from '../group-arguments.ts';
import { continueOperation, requestCancel } from '../operation-run.ts';
import { type OperationsRead, readOperations } from '../operations-read.ts';
import { isForPrograms, outputOption, printLines, printNotes } from '../output.ts';
import { withSites } from '../sites.ts';

export const cancelCommand = defineCommand({
  name: 'cancel',
  about:
    'Gives up the operation that moves a protection group, and follows it until the VMs run on the source again (exit 7). Once the target may have been told to start a VM there is no way back without loss: then it says no (exit 4), and the operation goes on.',
  examples: ['pgctl cancel production-pg'],
  args: { name: groupPositional, namespace: namespaceOption, output: outputOption(['json', 'yaml']) },
  complete: async ({ name, namespace, output }, context) => ({ ...(await placeOf(namespace, context)), name, output }),
  validate: ({ name }) => checkObjectName(name, 'protection group'),
  run: ({ settings, namespace, name, output }, outer) =>
    withSites(settings, outer, async (sites, context) => {
      const operation = runningOperation(await readOperations(sites, namespace, context), name);
      const request = failoverRequestOf(operation);
      if (isPastReturn(operation)) throw tooLate(operation);
      await requestCancel(request, sites.driver);
      const print = isForPrograms(output) ? printNotes : printLines;
      print([`▶ Cancelling operation ${request.name}: ${name} to ${request.target}`], context);
      const exit: ExitName = await follow({ output }, sites, context, (ports) => continueOperation(request, ports));
      // It went past the point of no return between our look and our word.
      if (exit === 'ok') throw tooLate(operation);
      return exit;
    }),
});

/** The operation on a group that has not ended, as its target holds it. Throws when there is none, or none can be told. */
function runningOperation({ held, silent }: OperationsRead, group: string): KubeObject {
  const [operation] = held.flatMap(({ site, objects }) =>
    unfinishedOperations(objects, group).filter((object) => textAt(object, 'spec', 'targetCluster') === site),
  );
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
  const { name, group, source, target } = failoverRequestOf(operation);
  return new CommandError(`Operation ${name} cannot be cancelled any more`, {
    reason: `VMs may have started on ${target}: turning back to ${source} now would lose what they have written`,
    remedy: `Let it end, and return then: pgctl failover ${group} --to ${target}; pgctl failover ${group} --to ${source}`,
    exit: 'held',
  });
}
