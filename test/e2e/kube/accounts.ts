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

const peer = 'site-recovery-peer';
const operator = 'operator';
const manifests = join(import.meta.dirname, '../../../deploy/controllers');
const rights = ['rbac.yaml', 'peer-rbac.yaml', 'people-rbac.yaml'];

/** Gives the rights that `deploy/controllers` describes: to the controllers' accounts, and to an account for the person with pgctl. */
export async function giveRights({ kubectl }: Administered): Promise<void> {
  await kubectl('apply', ...rights.flatMap((name) => ['-f', join(manifests, name)]));
  await kubectl('create', 'serviceaccount', operator);
  const bound = ['--clusterrole=site-recovery-operator', `--serviceaccount=default:${operator}`];
  await kubectl('create', 'clusterrolebinding', operator, ...bound);
}

/** Revokes every token of the accounts, which keep their rights. */
export async function replaceAccounts({ kubectl }: Administered): Promise<void> {
  await kubectl('delete', 'serviceaccount', peer, operator, ...controllers);
  for (const account of [peer, operator, ...controllers]) await kubectl('create', 'serviceaccount', account);
}

/** Writes, for the person, a kubeconfig for each cluster: `config-cluster1` and so on. */
export async function writeKubeconfigs(folder: string, clusters: readonly Administered[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const cluster of clusters) {
    writeFileSync(join(folder, `config-${cluster.topology.name}`), await accessOf(cluster, operator));
  }
}

/** Writes the folder that a controller's Deployment mounts: its own cluster by its own account, the others as their peer. */
export async function writeConfiguration(
  folder: string,
  controller: Controller,
  own: string,
  clusters: readonly Administered[],
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const names = clusters.map(({ topology: { name, role } }) => `${role.toUpperCase()}_CLUSTER=${name}\n`);
  writeFileSync(join(folder, 'config'), names.join(''));
  for (const cluster of clusters) {
    const { name } = cluster.topology;
    writeFileSync(join(folder, `${name}.kubeconfig`), await accessOf(cluster, name === own ? controller : peer));
  }
}

/** A kubeconfig with a token of an account in namespace default. */
async function accessOf({ topology, plane, kubectl }: Administered, account: string): Promise<string> {
  const token = (await kubectl('create', 'token', account)).trim();
  return kubeconfigText({ cluster: topology.name, ...plane.productAccess, user: account, token });
}
