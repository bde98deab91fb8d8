// Writes deploy/controllers from the table of permissions: `npm run manifests`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { groupControllerName } from '../../src/runtime/group-schedule.ts';
import { failoverControllerName } from '../../src/runtime/operation-schedule.ts';
import { controllerDeployment } from './controller-deployment.ts';
import { dashboardText } from './dashboard.ts';
import {
  clusterRoles,
  drbdOperatorRole,
  drbdOrdersRole,
  electionRole,
  type Grant,
  linstorRole,
  type RoleSpec,
} from './permissions.ts';

const folder = join(import.meta.dirname, '..', '..', 'deploy', 'controllers');
const rbac = 'rbac.authorization.k8s.io';
const labels = { 'app.kubernetes.io/part-of': 'site-recovery' };

/** Namespace of the controllers, where the product's documented commands look for them. */
const namespace = 'default';

/** The account of the controllers of other clusters. */
const peerAccount = 'site-recovery-peer';

if (import.meta.main) {
  mkdirSync(folder, { recursive: true });
  const files = { ...controllerManifests(), 'dashboard.json': dashboardText() };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    process.stdout.write(`deploy/controllers/${name}\n`);
  }
}

/** The text of each file of `deploy/controllers` that clusters are given. */
export function controllerManifests(): Readonly<Record<string, string>> {
  const { groupController, failoverController, people } = clusterRoles;
  const controllers = [groupControllerName, failoverControllerName];
  return {
    'rbac.yaml': documents('What the controllers of this cluster may do here.', [
      ...controllers.map(serviceAccount),
      clusterRole(groupController.own),
      binding(groupController.own, [groupControllerName]),
      clusterRole(failoverController.own),
      binding(failoverController.own, [failoverControllerName]),
      clusterRole(linstorRole),
      binding(linstorRole, controllers),
      role(electionRole),
      roleBinding(electionRole, controllers),
    ]),
    'drbd-operator-rbac.yaml': documents(
      'What the controllers of this and of the other clusters may do besides, where DRBD Operator keeps the volumes.',
      [
        clusterRole(drbdOperatorRole),
        binding(drbdOperatorRole, [groupControllerName, peerAccount]),
        clusterRole(drbdOrdersRole),
        binding(drbdOrdersRole, [failoverControllerName, peerAccount]),
      ],
    ),
    'peer-rbac.yaml': documents(
      'What the controllers of the other clusters may do here. Their kubeconfigs carry tokens of this account.',
      [
        serviceAccount(peerAccount),
        clusterRole(groupController.peer),
        binding(groupController.peer, [peerAccount]),
        clusterRole(failoverController.peer),
        binding(failoverController.peer, [peerAccount]),
        clusterRole(linstorPeerRole()),
        binding(linstorPeerRole(), [peerAccount]),
      ],
    ),
    'people-rbac.yaml': documents(
      'What the users of pgctl may do; bind them to people and groups of yours.',
      Object.values(people).map(clusterRole),
    ),
    'deployments.yaml': documents(
      'The controllers. Without CLUSTER_NAME they do not start, and say so: see README.md.',
      controllers.map((name) => controllerDeployment(name, namespace, labels)),
    ),
  };
}

/** The same, for controllers of other clusters that find LINSTOR here. */
function linstorPeerRole(): RoleSpec {
  return { ...linstorRole, name: `${linstorRole.name}-peer` };
}

function documents(about: string, objects: readonly object[]): string {
  const head = `# ${about}\n# Written by \`npm run manifests\` from tools/manifests: change it there.\n`;
  return head + objects.map((object) => `---\n${stringify(object, { lineWidth: 140 })}`).join('');
}

function serviceAccount(name: string): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } };
}

function clusterRole({ name, about, grants }: RoleSpec): object {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: metadata(name, about),
    rules: grants.flatMap(rules),
  };
}

function role({ name, about, grants }: RoleSpec): object {
  const meta = { ...metadata(name, about), namespace };
  return { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: meta, rules: grants.flatMap(rules) };
}

function metadata(name: string, about: string): object {
  return { name, labels, annotations: { 'kubernetes.io/description': `For ${about}.` } };
}

function binding({ name }: RoleSpec, accounts: readonly string[]): object {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
    subjects: accounts.map((account) => ({ kind: 'ServiceAccount', name: account, namespace })),
  };
}

function roleBinding({ name }: RoleSpec, accounts: readonly string[]): object {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace, labels },
    roleRef: { apiGroup: rbac, kind: 'Role', name },
    subjects: accounts.map((account) => ({ kind: 'ServiceAccount', name: account, namespace })),
  };
}

/** A rule is about resources of one API group. */
function rules({ verbs, resources, subresource, resourceNames }: Grant): readonly object[] {
  const groups = [...new Set(resources.map(({ group }) => group))];
  return groups.map((group) => ({
    apiGroups: [group],
    resources: resources
      .filter((type) => type.group === group)
      .map(({ plural }) => (subresource === undefined ? plural : `${plural}/${subresource}`)),
    ...(resourceNames === undefined ? {} : { resourceNames }),
    verbs,
  }));
}
