import type { LabFile } from '../../lab/process/lab-folder.ts';
import { labStatus } from '../../lab/process/lab-status.ts';
import { CommandError } from '../command-error.ts';
import { defineCommand } from '../command.ts';
import { labFolderOption, withLab } from '../lab-command.ts';
import { outputOption, printDocument, printLines } from '../output.ts';
import { tableLines } from '../table.ts';

export const labStatusCommand = defineCommand({
  name: 'lab status',
  about: 'Shows whether a lab runs, its addresses, kubeconfigs, tokens (-o json) and the faults that are on.',
  examples: ['pgctl lab status --dir lab', 'pgctl lab status --dir lab -o json'],
  args: { dir: labFolderOption(), output: outputOption(['json', 'yaml']) },
  run: ({ dir, output }, context) =>
    withLab(dir, async (folder) => {
      const status = await labStatus(folder);
      if (output === 'json' || output === 'yaml') {
        await printDocument(documentOf(status), output, context);
        return status.state === 'running' ? 'ok' : 'error';
      }
      if (status.state === 'absent') {
        throw new CommandError(`There is no lab in ${folder}`, { remedy: `pgctl lab up --dir ${folder}` });
      }
      if (status.state === 'died') {
        const reason = status.logTail === '' ? {} : { reason: `its log ends with: ${status.logTail}` };
        const remedy = `pgctl lab down --dir ${folder}, then up again`;
        throw new CommandError(`The lab in ${folder} has ended by itself`, { ...reason, remedy });
      }
      printLines([`✓ The lab in ${folder} runs, at speed ${status.file.speed}`, ...labLines(status.file)], context);
      const faults = status.faults.map(({ id, kind, says }) => [id, kind, says]);
      printLines(faults.length === 0 ? ['No fault is on'] : tableLines(['FAULT', 'KIND', 'WHAT'], faults), context);
      return 'ok';
    }),
});

/** The addresses of a lab, for people. */
export function labLines({ clusters, linstorUrl }: LabFile): readonly string[] {
  const rows = clusters.map(({ name, role, server, kubeconfig }) => [name, role, server, kubeconfig]);
  return [
    ...tableLines(['CLUSTER', 'ROLE', 'SERVER', 'KUBECONFIG'], rows),
    linstorUrl === undefined
      ? 'Storage: DRBD Operator, so set DEPLOYMENT_MODEL=drbd-operator in the config file of pgctl'
      : `LINSTOR: ${linstorUrl}`,
  ];
}

function documentOf(status: Awaited<ReturnType<typeof labStatus>>): object {
  const { state, folder } = status;
  if (status.state === 'absent') return { state, folder };
  const { id, pid, startedAt, speed, clusters, storage, linstorUrl } = status.file;
  const lab = { state, folder, id, pid, startedAt, speed, clusters, storage, linstorUrl };
  return status.state === 'running' ? { ...lab, faults: status.faults } : { ...lab, logTail: status.logTail };
}
