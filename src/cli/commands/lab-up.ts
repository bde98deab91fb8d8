import { storageBackendOf, storageBackends } from '../../model/storage-backend.ts';
import { startLab } from '../../lab/process/start-lab.ts';
import { defineCommand, flag, numberOption, option, requiredOption } from '../command.ts';
import { usageError } from '../command-error.ts';
import { withLab } from '../lab-command.ts';
import { outputOption, printDocument, printLines } from '../output.ts';
import { labLines } from './lab-status.ts';

export const labUpCommand = defineCommand({
  name: 'lab up',
  about:
    'Brings up simulated clusters on this machine: cluster1 (primary) with two running VMs, cluster2 (dr), cluster3 (quorum). ' +
    'They answer kubectl and pgctl as real clusters do. One background process stays; lab down ends it.',
  examples: [
    'pgctl lab up --dir lab',
    'pgctl lab up --dir lab --speed 10 --clusters 2',
    'pgctl lab up --dir lab --storage drbd-operator',
    'kubectl --kubeconfig lab/cluster1.kubeconfig get vm,vmi',
  ],
  args: {
    dir: requiredOption('--dir DIR', 'folder for the kubeconfigs, lab.json and the log', { suggest: 'files' }),
    speed: numberOption('--speed N', 'seconds that pass in the lab per real second (default: 1)', {
      min: 0.1,
      max: 1000,
      fraction: true,
    }),
    clusters: option('--clusters N', 'with the quorum cluster (3, the default) or without (2)', { values: ['2', '3'] }),
    storage: option('--storage MODEL', 'what keeps the volumes: linstor (default) or drbd-operator', {
      values: storageBackends,
    }),
    tiebreaker: flag('--tiebreaker', 'LINSTOR is on the quorum cluster too, with a tiebreaker of each volume'),
    seed: numberOption('--seed N', 'source of all chance in the lab (default: 1)', { min: 0, max: 2 ** 31 }),
    withoutControllers: flag('--without-controllers', 'leave the controllers out: they are run against the lab'),
    output: outputOption(['json', 'yaml']),
  },
  run: ({ dir, speed = 1, clusters = '3', storage, tiebreaker, seed = 1, withoutControllers, output }, context) =>
    withLab(dir, async (folder) => {
      if (tiebreaker && (clusters === '2' || storageBackendOf(storage) !== 'linstor'))
        throw usageError(
          '--tiebreaker is for three clusters with LINSTOR',
          'Leave it out, or --clusters and --storage',
        );
      const withControllers = !withoutControllers;
      const { file, alreadyUp } = await startLab({
        folder,
        speed,
        seed,
        clusters: clusters === '2' ? 2 : 3,
        tiebreaker,
        storage: storageBackendOf(storage),
        withControllers,
      });
      if (output === 'json' || output === 'yaml') {
        await printDocument(file, output, context);
        return 'ok';
      }
      const first = file.clusters[0]?.kubeconfig ?? '';
      printLines(
        [
          alreadyUp ? `✓ The lab in ${dir} is up already` : `✓ The lab in ${dir} is up`,
          ...labLines(file),
          `Try: kubectl --kubeconfig ${first} get vm,vmi`,
          `End: pgctl lab down --dir ${dir}`,
        ],
        context,
      );
      return 'ok';
    }),
});
