import { allNamespaces } from '../../model/read-plan.ts';
import { operationHistory } from '../../model/operation-history.ts';
import { defineCommand, optionalPositional } from '../command.ts';
import {
  allNamespacesFlag,
  checkObjectName,
  checkOneNamespace,
  namespaceOption,
  placeOfSeveral,
} from '../group-arguments.ts';
import { historyItem, historyLines } from '../history-text.ts';
import { readOperations, silentLines } from '../operations-read.ts';
import { outputOption, printDocument, printLines, printNotes } from '../output.ts';
import { withSites } from '../sites.ts';

export const historyCommand = defineCommand({
  name: 'history',
  about:
    'Shows the operations on one protection group, or on all of a namespace or of all namespaces, the newest first: who ordered them, when, and what they came to. Reads every cluster that answers, and names one that does not.',
  examples: ['pgctl history', 'pgctl history -A', 'pgctl history production-pg', 'pgctl history production-pg -o json'],
  args: {
    name: optionalPositional('NAME', 'name of the protection group (default: all)', { suggest: 'protectionGroups' }),
    namespace: namespaceOption,
    everywhere: allNamespacesFlag,
    output: outputOption(['json', 'yaml', 'wide']),
  },
  complete: async ({ name, namespace, everywhere, output }, context) => ({
    ...(await placeOfSeveral({ namespace, everywhere }, context)),
    name,
    output,
  }),
  validate: ({ name, namespace }) => {
    checkOneNamespace({ name, namespace });
    if (name !== undefined) checkObjectName(name, 'protection group');
  },
  run: ({ settings, namespace, name, output }, outer) =>
    withSites(settings, outer, async (sites, context) => {
      const read = await readOperations(sites, namespace, context);
      const operations = operationHistory(read.held, name);
      if (output === 'json' || output === 'yaml') {
        await printDocument({ items: operations.map(historyItem), silent: read.silent }, output, context);
        return 'ok';
      }
      printNotes(silentLines(read), context);
      const everywhere = namespace === allNamespaces;
      const where = everywhere ? 'any namespace' : `namespace ${namespace}`;
      if (operations.length === 0) printNotes([`No operations found in ${where}`], context);
      else printLines(historyLines(operations, { wide: output === 'wide', everywhere }), context);
      return 'ok';
    }),
});
