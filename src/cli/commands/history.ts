import { operationHistory } from '../../model/operation-history.ts';
import { defineCommand, optionalPositional } from '../command.ts';
import { checkObjectName, namespaceOption, placeOf } from '../group-arguments.ts';
import { historyItem, historyLines } from '../history-text.ts';
import { readOperations, silentLines } from '../operations-read.ts';
import { outputOption, printDocument, printLines, printNotes } from '../output.ts';
import { withSites } from '../sites.ts';

export const historyCommand = defineCommand({
  name: 'history',
  about:
    'Shows the operations on one protection group, or on all of a namespace, the newest first: who ordered them, when, and what they came to. Reads every cluster that answers, and names one that does not.',
  examples: ['pgctl history', 'pgctl history production-pg', 'pgctl history production-pg -o json'],
  args: {
    name: optionalPositional('NAME', 'name of the protection group (default: all)', { suggest: 'protectionGroups' }),
    namespace: namespaceOption,
    output: outputOption(['json', 'yaml', 'wide']),
  },
  complete: async ({ name, namespace, output }, context) => ({ ...(await placeOf(namespace, context)), name, output }),
  validate: ({ name }) => {
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
      if (operations.length === 0) printNotes([`No operations found in namespace ${namespace}`], context);
      else printLines(historyLines(operations, output === 'wide'), context);
      return 'ok';
    }),
});
