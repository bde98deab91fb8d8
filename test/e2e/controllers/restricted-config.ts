import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type JsonObject, textAt } from '../../../src/model/json.ts';
import type { SiteName } from '../../../src/model/site.ts';
import { controllerManifests } from '../../../tools/manifests/controllers.ts';
import type { ControllerLab } from './controller-lab.ts';

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;
const clusterRoles = { ...rbac, plural: 'clusterroles', kind: 'ClusterRole', namespaced: false };
const bindings = { ...rbac, plural: 'clusterrolebindings', kind: 'ClusterRoleBinding', namespaced: false };
const roles = { ...rbac, plural: 'roles', kind: 'Role', namespaced: true };
const roleBindings = { ...rbac, plural: 'rolebindings', kind: 'RoleBinding', namespaced: true };

/** What the files give to the account of that name, to somebody of whom the lab's clusters know nothing else. */
function grantLike(lab: ControllerLab, cluster: SiteName, account: string): void {
  const { api } = lab.lab.twin.world.cluster(cluster);
  const objects = Object.values(controllerManifests()).flatMap((text) =>
    parseAllDocuments(text).map((document) => document.toJS() as JsonObject),
  );
  for (const body of objects) {
    const kind = textAt(body, 'kind');
    if (kind === 'ClusterRole') api.request({ verb: 'create', resource: clusterRoles, body });
    if (kind === 'Role') api.request({ verb: 'create', resource: roles, namespace: 'default', body });
    const isMeant = JSON.stringify(body['subjects'] ?? []).includes(`"${account}"`);
    const subjects = [{ apiGroup: rbac.group, kind: 'User', name: 'lab-nobody' }];
    if (kind === 'ClusterRoleBinding' && isMeant)
      api.request({ verb: 'create', resource: bindings, body: { ...body, subjects } });
    if (kind === 'RoleBinding' && isMeant)
      api.request({ verb: 'create', resource: roleBindings, namespace: 'default', body: { ...body, subjects } });
  }
}

/** A configuration in which every cluster knows the controller as somebody who may do what the files say, and nothing else. */
export function restrictedConfig(lab: ControllerLab, controller: string, own: SiteName): string {
  const folder = mkdtempSync(join(tmpdir(), 'site-recovery-rights-'));
  writeFileSync(join(folder, 'config'), readFileSync(join(lab.config, 'config')));
  for (const { name, kubeconfig, tokens } of lab.lab.clusters) {
    grantLike(lab, name, name === own ? controller : 'site-recovery-peer');
    writeFileSync(join(folder, `${name}.kubeconfig`), kubeconfig.replace(tokens.admin, tokens.nobody));
  }
  return folder;
}
