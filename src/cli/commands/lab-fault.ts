import { faultKinds } from '../../twin/faults/fault-board.ts';
import { healFaults, injectFault, listFaults } from '../../lab/process/control-client.ts';
import { usageError } from '../command-error.ts';
import { defineCommand, flag, option, optionalPositional, positional } from '../command.ts';
import { labFolderOption, withLab } from '../lab-command.ts';
import { outputOption, printDocument, printLines } from '../output.ts';
import { tableLines } from '../table.ts';

const kindLines = faultKinds.map(({ kind, about, options }) => `${kind}: ${about} (${options.join(' ')})`);

export const labFaultCommand = defineCommand({
  name: 'lab fault',
  about: `Breaks something in a lab, lists what is broken (list) or mends it (heal).\n\n${kindLines.join('\n')}`,
  examples: [
    'pgctl lab fault api-outage --site cluster1 --how refuse',
    'pgctl lab fault link-cut --plane drbd --site cluster1 --peer cluster2',
    'pgctl lab fault vm-stuck --vm prod-vm-1',
    'pgctl lab fault list',
    'pgctl lab fault heal fault-1',
    'pgctl lab fault heal --all',
  ],
  args: {
    kind: positional('KIND', 'what to break, or list, or heal', {
      values: [...faultKinds.map(({ kind }) => kind), 'list', 'heal'],
    }),
    id: optionalPositional('ID', 'with heal: the fault to end (default: all)'),
    dir: labFolderOption(),
    site: option('--site CLUSTER', 'where'),
    peer: option('--peer CLUSTER', 'link-cut: the other end (default: every other cluster)'),
    plane: option('--plane PLANE', 'link-cut: api or drbd (default: both)', { values: ['api', 'drbd'] }),
    how: option('--how MANNER', 'api-outage: hang (default) or refuse', { values: ['hang', 'refuse'] }),
    node: option('--node NODE', 'node-crash: which node'),
    vm: option('--vm VM', 'which VM'),
    namespace: option('-n, --namespace NAMESPACE', 'namespace of the VM (default: default)'),
    all: flag('--all', 'with heal: end every fault'),
    output: outputOption(['json', 'yaml']),
  },
  validate: ({ kind, id, all }) => {
    if (kind !== 'heal' && (id !== undefined || all)) throw usageError('an ID and --all go with heal only');
    if (id !== undefined && all) throw usageError('give either an ID or --all');
  },
  run: ({ kind, id, dir, all: _all, output, ...where }, context) =>
    withLab(dir, async (folder) => {
      const given = Object.entries(where).filter(([, value]) => value !== undefined);
      const faults =
        kind === 'list'
          ? await listFaults(folder)
          : kind === 'heal'
            ? await healFaults(folder, id)
            : [await injectFault(folder, { kind, ...Object.fromEntries(given) })];
      if (output === 'json' || output === 'yaml') {
        await printDocument(faults, output, context);
        return 'ok';
      }
      const rows = faults.map((fault) => [fault.id, fault.kind, fault.since, fault.says]);
      if (rows.length > 0) printLines(tableLines(['FAULT', 'KIND', 'SINCE', 'WHAT'], rows), context);
      else printLines(['No fault is on'], context);
      if (kind === 'heal' && rows.length > 0)
        printLines([`✓ ${rows.length === 1 ? 'It is' : 'They are'} healed`], context);
      return 'ok';
    }),
});
