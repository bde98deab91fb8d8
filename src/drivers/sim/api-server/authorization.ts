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

/** `reason` says which binding allows it, in the server's words; '' when nothing does or none is needed. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** A rule that holds for a user, and the binding that makes it so. */
export interface BoundRule {
  readonly rule: JsonObject;
  readonly source: string;
}

/** Role-based access control as `plugin/pkg/auth/authorizer/rbac` of kubernetes/kubernetes; `system:masters` may do everything. */
export function authorize(objects: RbacObjects, user: User, attributes: Attributes): Decision {
  if (user.groups.includes('system:masters')) return { allowed: true, reason: '' };
  const bound = rulesFor(objects, user, attributes.namespace).find(({ rule }) => allows(rule, attributes));
  return bound === undefined
    ? { allowed: false, reason: '' }
    : { allowed: true, reason: `RBAC: allowed by ${bound.source}` };
}

/** Whether a user may use a path that is no resource, such as `/version`. */
export function authorizePath(objects: RbacObjects, user: User, verb: string, path: string): boolean {
  if (user.groups.includes('system:masters')) return true;
  return rulesFor(objects, user, '').some(
    ({ rule }) =>
      covers(rule, 'verbs', verb) &&
      (listAt(rule, 'nonResourceURLs') as readonly string[]).some(
        (url) => url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))),
      ),
  );
}

/** Every rule that holds for a user in a namespace ('' for cluster scope). */
export function rulesFor(objects: RbacObjects, user: User, namespace: string): readonly BoundRule[] {
  const rules = objects.clusterRoleBindings().flatMap((binding) => rulesOf(objects, binding, user, ''));
  if (namespace === '') return rules;
  return [
    ...rules,
    ...objects.roleBindings(namespace).flatMap((binding) => rulesOf(objects, binding, user, namespace)),
  ];
}

/** The words with which an unauthorized request is refused (`ForbiddenMessage` of k8s.io/apiserver). */
export function refusalText(user: User, { verb, group, resource, subresource, namespace }: Attributes): string {
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return `User "${user.name}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
}

function rulesOf(objects: RbacObjects, binding: KubeObject, user: User, namespace: string): readonly BoundRule[] {
  const subject = listAt(binding, 'subjects').find((candidate) => isUser(candidate as JsonObject, user, namespace));
  if (subject === undefined) return [];
  const kind = textAt(binding, 'roleRef', 'kind') ?? '';
  const name = textAt(binding, 'roleRef', 'name') ?? '';
  const candidates = kind === 'Role' ? objects.roles(namespace) : objects.clusterRoles();
  const role = candidates.find((candidate) => candidate.metadata.name === name);
  if (role === undefined) return [];
  const bindingName = namespace === '' ? binding.metadata.name : `${binding.metadata.name}/${namespace}`;
  const source = `${binding.kind} "${bindingName}" of ${kind} "${name}" to ${subjectText(subject as JsonObject, namespace)}`;
  return [...listAt(role, 'rules'), ...aggregatedRules(objects, role)].map((rule) => ({
    rule: rule as JsonObject,
    source,
  }));
}

function isUser(subject: JsonObject, user: User, namespace: string): boolean {
  const name = textAt(subject, 'name') ?? '';
  switch (textAt(subject, 'kind') ?? '') {
    case 'User':
      return name === user.name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount':
      return user.name === `system:serviceaccount:${textAt(subject, 'namespace') ?? namespace}:${name}`;
    default:
      return false;
  }
}

function subjectText(subject: JsonObject, namespace: string): string {
  const kind = textAt(subject, 'kind') ?? '';
  const name = textAt(subject, 'name') ?? '';
  return kind === 'ServiceAccount'
    ? `${kind} "${name}/${textAt(subject, 'namespace') ?? namespace}"`
    : `${kind} "${name}"`;
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
