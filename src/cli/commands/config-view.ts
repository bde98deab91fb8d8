import type { Settings } from '../../model/settings.ts';
import { defineCommand } from '../command.ts';
import { configFile, kubeconfigFile, loadSettings } from '../config-folder.ts';
import { outputOption, printDocument, printLines } from '../output.ts';
import { tableLines } from '../table.ts';

export const configViewCommand = defineCommand({
  name: 'config view',
  about: 'Shows the settings in use: what the config file says, and the defaults for the rest.',
  examples: ['pgctl config view', 'pgctl config view -o json'],
  args: { output: outputOption(['json', 'yaml']) },
  run: async ({ output }, context) => {
    const settings = await loadSettings(context);
    const clusters = settings.clusters.map((cluster) => ({
      ...cluster,
      kubeconfig: kubeconfigFile(context.configFolder, cluster),
    }));
    if (output === 'json' || output === 'yaml') {
      const document = { configFile: configFile(context.configFolder), ...settings, clusters };
      await printDocument(document, output, context);
      return 'ok';
    }
    printLines([`Config file: ${configFile(context.configFolder)}`], context);
    const rows = clusters.map((cluster) => [
      cluster.name,
      cluster.role,
      cluster.kubeconfig,
      cluster.kubeContext ?? '(current)',
    ]);
    printLines(
      rows.length === 0
        ? ['No clusters are registered']
        : tableLines(['CLUSTER', 'ROLE', 'KUBECONFIG', 'CONTEXT'], rows),
      context,
    );
    printLines(tableLines(['SETTING', 'VALUE'], settingRows(settings)), context);
    return 'ok';
  },
});

function settingRows(settings: Settings): readonly (readonly string[])[] {
  return [
    ['DEFAULT_NAMESPACE', settings.defaultNamespace],
    ['DEPLOYMENT_MODEL', settings.storageBackend],
    ['FAILOVER_TIMEOUT', `${settings.failoverTimeoutSeconds}`],
    ['VM_START_TIMEOUT', `${settings.vmStartTimeoutSeconds}`],
    ['DRBD_WAIT_TIME', `${settings.drbdWaitTimeSeconds}`],
    ['TAINT_REMOVAL_WINDOW', `${settings.taintRemovalWindowSeconds}`],
    ...(settings.storageBackend === 'linstor' ? [['LINSTOR_CONTROLLERS', controllersOf(settings)]] : []),
  ];
}

function controllersOf({ linstor }: Settings): string {
  return linstor.controllers.length === 0 ? '(found through the clusters)' : linstor.controllers.join(',');
}
