import type { LinstorPlace } from '../../drivers/real/linstor-discovery.ts';
import { textAt } from '../../model/json.ts';
import { type Settings, siteRoles } from '../../model/settings.ts';
import type { SiteRole } from '../../model/site.ts';
import type { ClusterTest, Trouble } from '../cluster-test.ts';
import { defineCommand } from '../command.ts';
import { usageError } from '../command-error.ts';
import { loadSettings } from '../config-folder.ts';
import type { CommandContext } from '../context.ts';
import { isForPrograms, outputOption, printDocument, printLines } from '../output.ts';
import { openDriver } from '../sites.ts';

export const configTestCommand = defineCommand({
  name: 'config test',
  about:
    'Verifies that every registered cluster answers, accepts the credentials and serves protection groups. All are asked at once, at most 5 s a call.',
  examples: ['pgctl config test', 'pgctl config test -o json'],
  args: { output: outputOption(['json', 'yaml']) },
  complete: async ({ output }, context) => ({ output, settings: await loadSettings(context) }),
  validate: ({ settings }) => {
    for (const role of siteRoles.filter((needed) => needed !== 'quorum')) {
      if (settings.clusters.some((cluster) => cluster.role === role)) continue;
      throw usageError(
        `No ${roleName(role)} cluster is registered`,
        `Register it: pgctl config add-cluster --name NAME --kubeconfig FILE --role ${role}`,
      );
    }
  },
  run: async ({ output, settings }, context) => {
    const { testCluster } = await import('../cluster-test.ts');
    const tests = settings.clusters.map((cluster) => testCluster(cluster, settings.storageBackend, context));
    const results: ClusterTest[] = [];
    for (const [index, test] of tests.entries()) {
      const cluster = settings.clusters[index];
      if (!isForPrograms(output) && cluster !== undefined) {
        printLines([`▶ Testing ${roleName(cluster.role)} cluster: ${cluster.name}`], context);
      }
      const result = await test;
      results.push(result);
      if (!isForPrograms(output)) printLines(resultLines(result), context);
    }
    const linstor = await linstorReport(settings, isForPrograms(output) || context.verbose, context);
    if (output === 'json' || output === 'yaml') await printDocument(documentOf(results, linstor), output, context);
    else printLines([...linstorLines(linstor), summaryLine(results)], context);
    return results.every((result) => result.trouble === undefined) ? 'ok' : 'error';
  },
});

type LinstorReport =
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'found'; readonly place: LinstorPlace; readonly version: string }
  | { readonly kind: 'not-found'; readonly reasons: readonly string[] };

/**
 * Asked only where it can matter: for programs, with --verbose, and when the settings name controllers; never in the
 * deployment model that has none.
 */
async function linstorReport(settings: Settings, wanted: boolean, context: CommandContext): Promise<LinstorReport> {
  const isExpected = settings.storageBackend === 'linstor';
  if (!isExpected || (!wanted && settings.linstor.controllers.length === 0)) return { kind: 'not-asked' };
  const driver = await openDriver(settings, context);
  try {
    const discovery = await driver.locateLinstor();
    if (discovery.kind === 'not-found') return discovery;
    const answer = await driver.perform({ api: 'linstor', method: 'GET', path: '/v1/controller/version' });
    if (answer.kind !== 'applied') return { kind: 'not-found', reasons: [answer.message] };
    return { ...discovery, version: textAt(answer.body, 'version') ?? 'unknown' };
  } finally {
    await driver.close();
  }
}

function linstorLines(report: LinstorReport): readonly string[] {
  if (report.kind === 'not-asked') return [];
  if (report.kind === 'not-found') {
    return [
      '⚠ No LINSTOR controller answers',
      ...report.reasons.map((reason) => `  reason: ${reason}`),
      '  remedy: Set LINSTOR_CONTROLLERS in the config file, or DEPLOYMENT_MODEL=drbd-operator where DRBD Operator keeps the volumes',
    ];
  }
  const { place, version } = report;
  const where = place.kind === 'controllers' ? place.urls.join(', ') : `through cluster ${place.site}`;
  return [`✓ LINSTOR controller is accessible (version: ${version}, ${where})`];
}

function roleName(role: SiteRole): string {
  return role === 'dr' ? 'DR' : role;
}

function resultLines(result: ClusterTest): readonly string[] {
  const name = roleName(result.cluster.role);
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)} cluster`;
  if (result.trouble !== undefined) return troubleLines(`✗ ${title} is not accessible: `, result.trouble);
  return [
    `✓ ${title} is accessible (version: ${result.version})`,
    ...result.warnings.flatMap((warning) => troubleLines('⚠ ', warning)),
  ];
}

function troubleLines(prefix: string, trouble: Trouble): readonly string[] {
  return [`${prefix}${trouble.what}`, `  reason: ${trouble.reason}`, `  remedy: ${trouble.remedy}`];
}

function summaryLine(results: readonly ClusterTest[]): string {
  const failures = results.filter((result) => result.trouble !== undefined).map((result) => result.cluster.name);
  if (failures.length === 0) return '✓ All clusters are accessible';
  return `✗ ${failures.length} of ${results.length} clusters not accessible: ${failures.join(', ')}`;
}

function documentOf(results: readonly ClusterTest[], linstor: LinstorReport): unknown {
  return {
    accessible: results.every((result) => result.trouble === undefined),
    clusters: results.map(({ cluster, version, trouble, warnings }) => ({
      name: cluster.name,
      role: cluster.role,
      accessible: trouble === undefined,
      version,
      trouble,
      warnings,
    })),
    linstor: { accessible: linstor.kind === 'found', ...linstor },
  };
}
