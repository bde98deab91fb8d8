import { initialSettingsText } from '../../model/settings-text.ts';
import { defineCommand } from '../command.ts';
import { codeOf, configFile, makeFolder, readConfigText, writeFileWhole } from '../config-folder.ts';
import type { CommandContext } from '../context.ts';
import { printLines } from '../output.ts';

export const initCommand = defineCommand({
  name: 'init',
  about:
    'Creates the configuration folder (default ~/.kube/pgctl) and its config file with every setting explained. What is already there stays as it is.',
  examples: ['pgctl init', 'pgctl init --config-dir ./site-recovery'],
  args: {},
  run: async (_values, context) => {
    const created = await makeFolder(context.configFolder);
    const file = configFile(context.configFolder);
    if (await exists(file)) {
      printLines([`✓ Configuration is there already: ${file}`], context);
      return 'ok';
    }
    await writeFileWhole(file, initialSettingsText());
    printLines(
      [...(created ? [`✓ Created folder ${context.configFolder}`] : []), `✓ Created ${file}`, ...nextSteps(context)],
      context,
    );
    return 'ok';
  },
});

async function exists(file: string): Promise<boolean> {
  try {
    readConfigText(file);
    return true;
  } catch (thrown) {
    if (codeOf((thrown as Error).cause) === 'ENOENT') return false;
    throw thrown;
  }
}

function nextSteps(context: CommandContext): readonly string[] {
  return [
    `Next: copy the kubeconfig of each cluster into ${context.configFolder} and register it:`,
    'pgctl config add-cluster --name cluster1 --kubeconfig cluster1.kubeconfig --role primary',
    'pgctl config add-cluster --name cluster2 --kubeconfig cluster2.kubeconfig --role dr',
    'pgctl config test',
  ];
}
