import { type ClusterAccess, isClusterName, parseSettings, siteRoles } from '../../model/settings.ts';
import { withCluster, withoutCluster } from '../../model/settings-text.ts';
import type { SiteRole } from '../../model/site.ts';
import { accessTrouble } from '../access-trouble.ts';
import { defineCommand, flag, option, requiredOption } from '../command.ts';
import { usageError } from '../command-error.ts';
import { configFile, kubeconfigFile, readConfigText, settingsError, writeFileWhole } from '../config-folder.ts';
import type { CommandContext } from '../context.ts';
import { printLines } from '../output.ts';
import { confirm } from '../prompt.ts';

export const configAddClusterCommand = defineCommand({
  name: 'config add-cluster',
  about:
    'Registers a cluster under a name and a role. The kubeconfig is checked first; a relative path is looked up in the configuration folder.',
  examples: [
    'pgctl config add-cluster --name cluster1 --kubeconfig cluster1.kubeconfig --role primary',
    'pgctl config add-cluster --name cluster2 --kubeconfig cluster2.kubeconfig --role dr --context admin@cluster2',
  ],
  args: {
    name: requiredOption('--name NAME', 'name under which the cluster is registered'),
    kubeconfig: requiredOption('--kubeconfig FILE', 'its kubeconfig', { suggest: 'files' }),
    role: requiredOption('--role ROLE', `its role: ${siteRoles.join(', ')}`, { values: siteRoles }),
    kubeContext: option('--context CONTEXT', 'context of the kubeconfig (default: its current context)'),
    force: flag('--force', 'replace the cluster that has this name or role without asking'),
  },
  complete: ({ name, kubeconfig, role, kubeContext, force }) => {
    const cluster: ClusterAccess = {
      name,
      role: role as SiteRole,
      kubeconfig,
      ...(kubeContext === undefined ? {} : { kubeContext }),
    };
    return { cluster, force };
  },
  validate: ({ cluster }) => {
    if (!isClusterName(cluster.name)) {
      throw usageError(
        `Expected --name to be letters, digits, ".", "_" or "-" (63 at most), got "${cluster.name}"`,
        'Choose a short name such as cluster1',
      );
    }
    for (const text of [cluster.kubeconfig, cluster.kubeContext ?? '']) {
      if (/[\r\n"]/.test(text))
        throw usageError('A path or context with a quotation mark or a line break cannot be kept');
    }
  },
  run: async ({ cluster, force }, context) => {
    const file = configFile(context.configFolder);
    const text = readConfigText(file);
    const kubeContext = await checkedContext(cluster, context);
    const replaced = replacedBy(cluster, parseSettings(text).settings.clusters);
    if (replaced.length > 0 && !force && !(await mayReplace(cluster, replaced, context))) {
      printLines(['✗ Nothing was changed'], context);
      return 'cancelled';
    }
    const elsewhere = replaced.filter((other) => other.role !== cluster.role);
    const without = elsewhere.reduce((kept, other) => withoutCluster(kept, other), text);
    await writeFileWhole(file, checkedText(file, withCluster(without, cluster)));
    printLines([`✓ Cluster ${cluster.name} registered as ${cluster.role} (context: ${kubeContext})`], context);
    return 'ok';
  },
});

async function checkedContext(cluster: ClusterAccess, context: CommandContext): Promise<string> {
  const [{ readKubeconfig }, { AccessError }] = await Promise.all([
    import('../../drivers/real/kubeconfig.ts'),
    import('../../drivers/real/access-error.ts'),
  ]);
  try {
    return (await readKubeconfig(kubeconfigFile(context.configFolder, cluster), cluster.kubeContext)).context;
  } catch (thrown) {
    if (thrown instanceof AccessError) throw accessTrouble(cluster, thrown, context);
    throw thrown;
  }
}

/** Registered clusters that this one takes the place of: the one in its role, and itself in another role. */
function replacedBy(cluster: ClusterAccess, registered: readonly ClusterAccess[]): readonly ClusterAccess[] {
  const same = (other: ClusterAccess): boolean =>
    other.name === cluster.name &&
    other.role === cluster.role &&
    other.kubeconfig === cluster.kubeconfig &&
    other.kubeContext === cluster.kubeContext;
  return registered.filter((other) => (other.role === cluster.role || other.name === cluster.name) && !same(other));
}

async function mayReplace(
  cluster: ClusterAccess,
  replaced: readonly ClusterAccess[],
  context: CommandContext,
): Promise<boolean> {
  const list = replaced.map((other) => `${other.name} (${other.role}, ${other.kubeconfig})`).join(' and ');
  return confirm(`⚠ ${cluster.name} as ${cluster.role} replaces ${list}. Continue?`, context);
}

/** A rewritten text must read without errors: a mistake elsewhere in the file is told before anything is written. */
function checkedText(file: string, text: string): string {
  const errors = parseSettings(text).problems.filter((problem) => problem.severity === 'error');
  if (errors.length > 0) throw settingsError(file, errors);
  return text;
}
