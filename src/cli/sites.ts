import { resolve } from 'node:path';
import type { LiveDriver, LiveDriverSettings } from '../drivers/real/live-driver.ts';
import type { ClusterAccess, LinstorAccess, Settings } from '../model/settings.ts';
import type { SiteName } from '../model/site.ts';
import type { StorageBackend } from '../model/storage-backend.ts';
import type { Driver } from '../runtime/ports.ts';
import { CommandError, usageError } from './command-error.ts';
import { kubeconfigFile } from './config-folder.ts';
import type { CommandContext, TextSink } from './context.ts';
import type { ExitName } from './exit-codes.ts';
import { toldDriver } from './told-driver.ts';

/** The registered sites of a command, and the driver that reaches them. Whoever opens it closes the driver. */
export interface OpenSites {
  readonly driver: Driver;
  readonly primary: SiteName;
  readonly dr: SiteName;
  readonly quorum: SiteName | undefined;
  readonly storage: StorageBackend;
}

/** What a command will ask of the driver. */
export type DriverExpectation = Pick<LiveDriverSettings, 'endsSoon'>;

/** The clusters that every command on groups needs; a role that is not registered is a usage error. */
export interface SitePair {
  readonly primary: ClusterAccess;
  readonly dr: ClusterAccess;
  readonly quorum: ClusterAccess | undefined;
}

export function sitePair(settings: Settings): SitePair {
  const clusterOf = (role: string): ClusterAccess | undefined =>
    settings.clusters.find((cluster) => cluster.role === role);
  const required = (role: 'primary' | 'dr', title: string): ClusterAccess => {
    const cluster = clusterOf(role);
    if (cluster !== undefined) return cluster;
    throw usageError(
      `No ${title} cluster is registered`,
      `Register it: pgctl config add-cluster --name NAME --kubeconfig FILE --role ${role}`,
    );
  };
  return { primary: required('primary', 'primary'), dr: required('dr', 'DR'), quorum: clusterOf('quorum') };
}

/** Runs with an open driver for the registered sites, and closes it whatever happens. */
export async function withSites(
  settings: Settings,
  context: CommandContext,
  use: (sites: OpenSites, context: CommandContext) => Promise<ExitName>,
  expectation: DriverExpectation = {},
): Promise<ExitName> {
  const { primary, dr, quorum } = sitePair(settings);
  const driver = await openDriver(settings, context, expectation);
  try {
    const sites = {
      driver,
      primary: primary.name,
      dr: dr.name,
      quorum: quorum?.name,
      storage: settings.storageBackend,
    };
    return await use(sites, withKubeconfigPaths(settings, context));
  } catch (thrown) {
    throw thrown instanceof CommandError ? thrown.reworded((text) => namePaths(text, settings, context)) : thrown;
  } finally {
    await driver.close();
  }
}

/**
 * What the model says of clusters it cannot know: where their kubeconfigs are. Texts that a person is to copy into a
 * shell get the path in its place.
 */
function withKubeconfigPaths(settings: Settings, context: CommandContext): CommandContext {
  const named = (sink: TextSink): TextSink => ({
    write: (text) => sink.write(namePaths(text, settings, context)),
    get isTerminal() {
      return sink.isTerminal;
    },
    get columns() {
      return sink.columns;
    },
  });
  return { ...context, stdout: named(context.stdout), stderr: named(context.stderr) };
}

function namePaths(text: string, settings: Settings, context: CommandContext): string {
  if (!text.includes('<kubeconfig of ')) return text;
  return text.replace(/<kubeconfig of ([A-Za-z0-9._-]+)>/g, (placeholder, name: string) => {
    const cluster = settings.clusters.find((registered) => registered.name === name);
    return cluster === undefined ? placeholder : kubeconfigFile(context.configFolder, cluster);
  });
}

/** The driver for everything that is registered. Opens nothing before the first request. */
export async function openDriver(
  settings: Settings,
  context: CommandContext,
  expectation: DriverExpectation = {},
): Promise<LiveDriver> {
  const driver = await context.openDriver({
    ...expectation,
    environment: context.environment,
    sites: settings.clusters.map((cluster) => ({
      name: cluster.name,
      role: cluster.role,
      kubeconfigPath: kubeconfigFile(context.configFolder, cluster),
      ...(cluster.kubeContext === undefined ? {} : { context: cluster.kubeContext }),
    })),
    linstor: withAbsoluteFiles(settings.linstor, context.configFolder),
  });
  return context.verbose ? toldDriver(driver, context) : driver;
}

/** Relative files of the settings are in the config folder. */
function withAbsoluteFiles(access: LinstorAccess, folder: string): LinstorAccess {
  const entries = Object.entries(access).map(([name, value]) =>
    name.endsWith('File') && typeof value === 'string' ? [name, resolve(folder, value)] : [name, value],
  );
  return Object.fromEntries(entries) as LinstorAccess;
}
