import type { KubeObject, ResourceType } from '../../../model/kube.ts';
import type { RbacObjects } from './authorization.ts';
import type { Registry } from './registry.ts';

const rbacType = (plural: string, kind: string, namespaced: boolean): ResourceType => ({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural,
  kind,
  namespaced,
});

const clusterRole = rbacType('clusterroles', 'ClusterRole', false);
const clusterRoleBinding = rbacType('clusterrolebindings', 'ClusterRoleBinding', false);
const role = rbacType('roles', 'Role', true);
const roleBinding = rbacType('rolebindings', 'RoleBinding', true);

/** The RBAC objects that a server has stored. */
export function rbacObjects(registry: Registry): RbacObjects {
  const all = (type: ResourceType, namespace?: string): readonly KubeObject[] =>
    registry.find(type)?.store.list(namespace) ?? [];
  return {
    clusterRoles: () => all(clusterRole),
    clusterRoleBindings: () => all(clusterRoleBinding),
    roles: (namespace) => all(role, namespace),
    roleBindings: (namespace) => all(roleBinding, namespace),
  };
}
