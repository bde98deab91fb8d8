import { withoutCluster } from '../../model/settings-text.ts';
import { defineCommand, flag, requiredOption } from '../command.ts';
import { usageError } from '../command-error.ts';
import { configFile, loadSettings, readConfigText, writeFileWhole } from '../config-folder.ts';
import { printLines } from '../output.ts';
import { confirm } from '../prompt.ts';

export const configRemoveClusterCommand = defineCommand({
  name: 'config remove-cluster',
  about: 'Forgets a registered cluster. Its kubeconfig file stays where it is, and nothing in the cluster is touched.',
  examples: ['pgctl config remove-cluster --name cluster3'],
  args: {
    name: requiredOption('--name NAME', 'name of the registered cluster', { suggest: 'clusters' }),
    yes: flag('-y, --yes', 'do not ask'),
  },
  run: async ({ name, yes }, context) => {
    const settings = await loadSettings(context);
    const cluster = settings.clusters.find((registered) => registered.name === name);
    if (cluster === undefined) {
      const names = settings.clusters.map((registered) => registered.name).join(', ');
      throw usageError(`No cluster is registered as ${name}`, `Registered: ${names === '' ? 'none' : names}`);
    }
    if (!yes && !(await confirm(`⚠ ${name} is the ${cluster.role} cluster. Forget it?`, context))) {
      printLines(['✗ Nothing was changed'], context);
      return 'cancelled';
    }
    const file = configFile(context.configFolder);
    await writeFileWhole(file, withoutCluster(readConfigText(file), cluster));
    printLines([`✓ Cluster ${name} is no longer registered`], context);
    return 'ok';
  },
});
