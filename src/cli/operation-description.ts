import { operationHistory } from '../model/operation-history.ts';
import { defineCommand, positional } from './command.ts';
import { CommandError } from './command-error.ts';
import { checkObjectName, namespaceOption, placeOf } from './group-arguments.ts';
import { operationDetailLines, operationDetails } from './history-text.ts';
import { readOperations, silentLines } from './operations-read.ts';
import { outputOption, printDocument, printLines, printNotes } from './output.ts';
import { withSites } from './sites.ts';

/** A command that describes one operation of a kind, by its id. */
export function defineDescription(of: {
  readonly name: string;
  readonly kind: string;
  readonly about: string;
  readonly example: string;
}) {
  return defineCommand({
    name: of.name,
    about: of.about,
    examples: [of.example],
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
        const operation = operationHistory(read.held).find(({ id: found, kind }) => found === id && kind === of.kind);
        if (operation === undefined) {
          throw new CommandError(`Operation ${id} was not found in namespace ${namespace}`, {
            reason: [`${read.held.map(({ site }) => site).join(' and ')} told of none`, ...silentLines(read)].join(
              '; ',
            ),
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
}
