import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubeconfigText } from '../../../src/lab/kubeconfig-text.ts';
import type { SiteTopology } from '../../../src/drivers/sim/site-topology.ts';
import type { ControlPlane } from './control-plane.ts';

export const controllers = ['protection-group-controller', 'failover-controller'] as const;
export type Controller = (typeof controllers)[number];

/** A cluster, and kubectl for its administrator: throws when it fails, else answers its output. */
export interface Administered {
  readonly topology: SiteTopology;
  readonly plane: ControlPlane;
  kubectl(...args: readonly string[]): Promise<string>;
}

export const peer = 'site-recovery-peer';
/** People with pgctl, by their accounts: each has the ClusterRole of its name. */
export const people = ['operator', 'viewer'] as const;
const manifests = join(import.meta.dirname, '../../../deploy/controllers');
const rights = ['rbac.yaml', 'peer-rbac.yaml', 'people-rbac.yaml'];

/**
 * Gives the rights that `deploy/controllers` describes: to the controllers' accounts, and to an account for each kind of person with
 * pgctl; `besides`: manifests of one kind of storage.
 */
export async function giveRights({ kubectl }: Administered, besides: readonly string[] = []): Promise<void> {
  await kubectl('apply', ...[...rights, ...besides].flatMap((name) => ['-f', join(manifests, name)]));
  for (const person of people) {
    await kubectl('create', 'serviceaccount', person);
    const bound = [`--clusterrole=site-recovery-${person}`, `--serviceaccount=default:${person}`];
    await kubectl('create', 'clusterrolebinding', person, ...bound);
  }
}

/** Revokes every token of the accounts, which keep their rights. */
export async function replaceAccounts({ kubectl }: Administered): Promise<void> {
  const accounts = [peer, ...people, ...controllers];
  await kubectl('delete', 'serviceaccount', ...accounts);
  for (const account of accounts) await kubectl('create', 'serviceaccount', account);
}

/** Writes, for the operator, a kubeconfig for each cluster: `config-cluster1` and so on. */
export async function writeKubeconfigs(folder: string, clusters: readonly Administered[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const cluster of clusters) {
    writeFileSync(join(folder, `config-${cluster.topology.name}`), await accessOf(cluster, 'operator'));
  }
}

/** Writes the folder that a controller's Deployment mounts: its own cluster by its own account, the others as their peer. */
export function writeControllersFolder(
  folder: string,
  controller: Controller,
  own: string,
  clusters: readonly Administered[],
): Promise<void> {
  return writeFolder(folder, clusters, (name) => (name === own ? controller : peer));
}

/** Writes a configuration folder for somebody who may look only. */
export function writeViewersFolder(folder: string, clusters: readonly Administered[]): Promise<void> {
  return writeFolder(folder, clusters, () => 'viewer');
}

async function writeFolder(
  folder: string,
  clusters: readonly Administered[],
  accountOn: (cluster: string) => string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const names = clusters.map(({ topology: { name, role } }) => `${role.toUpperCase()}_CLUSTER=${name}\n`);
  writeFileSync(join(folder, 'config'), names.join(''));
  for (const cluster of clusters) {
    const { name } = cluster.topology;
    writeFileSync(join(folder, `${name}.kubeconfig`), await accessOf(cluster, accountOn(name)));
  }
}

/** A kubeconfig with a token of an account in namespace default. */
export async function accessOf({ topology, plane, kubectl }: Administered, account: string): Promise<string> {
  const token = (await kubectl('create', 'token', account)).trim();
  return kubeconfigText({ cluster: topology.name, ...plane.productAccess, user: account, token });
}
