import type { JsonObject } from '../../../model/json.ts';
import { listAt, textAt } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';

/** Who sends a request, as the authenticator found out. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** What a request wants to do. `namespace` is '' for cluster scope. */
export interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** The stored RBAC objects that decide. */
export interface RbacObjects {
  clusterRoles(): readonly KubeObject[];
  clusterRoleBindings(): readonly KubeObject[];
  roles(namespace: string): readonly KubeObject[];
  roleBindings(namespace: string): readonly KubeObject[];
}

/** Role-based access control as `plugin/pkg/auth/authorizer/rbac` of kubernetes/kubernetes; `system:masters` may do everything. */
export function authorize(objects: RbacObjects, user: User, attributes: Attributes): boolean {
  if (user.groups.includes('system:masters')) return true;
  return rulesFor(objects, user, attributes.namespace).some((rule) => allows(rule, attributes));
}

/** Every rule that holds for a user in a namespace ('' for cluster scope). */
export function rulesFor(objects: RbacObjects, user: User, namespace: string): readonly JsonObject[] {
  const rules: JsonObject[] = [];
  for (const binding of objects.clusterRoleBindings()) {
    if (namesUser(binding, user, '')) rules.push(...rulesOf(objects, binding, ''));
  }
  if (namespace === '') return rules;
  for (const binding of objects.roleBindings(namespace)) {
    if (namesUser(binding, user, namespace)) rules.push(...rulesOf(objects, binding, namespace));
  }
  return rules;
}

/** The words with which an unauthorized request is refused (`ForbiddenMessage` of k8s.io/apiserver). */
export function refusalText(user: User, { verb, group, resource, subresource, namespace }: Attributes): string {
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
}

function namesUser(binding: KubeObject, user: User, namespace: string): boolean {
  return listAt(binding, 'subjects').some((subject) => {
    const name = textAt(subject, 'name') ?? '';
    switch (textAt(subject, 'kind')) {
      case 'User':
        return name === user.name;
      case 'Group':
        return user.groups.includes(name);
      case 'ServiceAccount':
        return user.name === `system:serviceaccount:${textAt(subject, 'namespace') ?? namespace}:${name}`;
      default:
        return false;
    }
  });
}

function rulesOf(objects: RbacObjects, binding: KubeObject, namespace: string): readonly JsonObject[] {
  const name = textAt(binding, 'roleRef', 'name');
  const candidates = textAt(binding, 'roleRef', 'kind') === 'Role' ? objects.roles(namespace) : objects.clusterRoles();
  const role = candidates.find((candidate) => candidate.metadata.name === name);
  if (role === undefined) return [];
  return [...(listAt(role, 'rules') as readonly JsonObject[]), ...aggregatedRules(objects, role)];
}

// The clusterrole-aggregation controller would write these into the role; here they are looked up.
function aggregatedRules(objects: RbacObjects, role: KubeObject): readonly JsonObject[] {
  const selectors = listAt(role, 'aggregationRule', 'clusterRoleSelectors');
  if (selectors.length === 0) return [];
  return objects
    .clusterRoles()
    .filter((other) =>
      selectors.some((selector) => {
        const wanted = Object.entries((selector as JsonObject)['matchLabels'] ?? {});
        return wanted.length > 0 && wanted.every(([key, value]) => other.metadata.labels?.[key] === value);
      }),
    )
    .flatMap((other) => listAt(other, 'rules') as readonly JsonObject[]);
}

function allows(rule: JsonObject, { verb, group, resource, subresource, name }: Attributes): boolean {
  const names = listAt(rule, 'resourceNames');
  return (
    covers(rule, 'verbs', verb) &&
    covers(rule, 'apiGroups', group) &&
    coversResource(listAt(rule, 'resources') as readonly string[], resource, subresource) &&
    (names.length === 0 || (name !== '' && names.includes(name)))
  );
}

function covers(rule: JsonObject, field: string, value: string): boolean {
  const listed = listAt(rule, field);
  return listed.includes('*') || listed.includes(value);
}

function coversResource(listed: readonly string[], resource: string, subresource: string): boolean {
  const wanted = subresource === '' ? resource : `${resource}/${subresource}`;
  return listed.some((item) => item === '*' || item === wanted || (subresource !== '' && item === `*/${subresource}`));
}
