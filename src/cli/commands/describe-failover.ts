import { operationHistory } from '../../model/operation-history.ts';
import { defineCommand, positional } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { checkObjectName, namespaceOption, placeOf } from '../group-arguments.ts';
import { operationDetailLines, operationDetails } from '../history-text.ts';
import { readOperations, silentLines } from '../operations-read.ts';
import { outputOption, printDocument, printLines, printNotes } from '../output.ts';
import { withSites } from '../sites.ts';

export const describeFailoverCommand = defineCommand({
  name: 'describe failover',
  about:
    'Shows everything about one operation: who ordered what, each step with its times and those that were not executed, what came of each VM, why it ended, what to do next, and which clusters hold its record.',
  examples: ['pgctl describe failover production-pg-1767225720'],
  args: {
    id: positional('ID', 'name of the operation, as pgctl history lists it'),
    namespace: namespaceOption,
    output: outputOption(['json', 'yaml']),
  },
  complete: async ({ id, namespace, output }, context) => ({ ...(await placeOf(namespace, context)), id, output }),
  validate: ({ id }) => checkObjectName(id, 'operation'),
  run: ({ settings, namespace, id, output }, outer) =>
    withSites(settings, outer, async (sites, context) => {
      const read = await readOperations(sites, namespace, context);
      const operation = operationHistory(read.held).find((candidate) => candidate.id === id);
      if (operation === undefined) {
        throw new CommandError(`Operation ${id} was not found in namespace ${namespace}`, {
          reason: [`${read.held.map(({ site }) => site).join(' and ')} told of none`, ...silentLines(read)].join('; '),
          remedy: `List them: pgctl history -n ${namespace}`,
        });
      }
      if (output === 'json' || output === 'yaml') await printDocument(operationDetails(operation), output, context);
      else {
        printNotes(silentLines(read), context);
        printLines(operationDetailLines(operation), context);
      }
      return 'ok';
    }),
});
