import { randomBytes } from 'node:crypto';
import type { ApiServer } from '../drivers/sim/api-server/api-server.ts';
import type { User } from '../drivers/sim/api-server/authorization.ts';

/** Who can talk to a lab's cluster: may do everything, may look at everything but Secrets, may do nothing. */
export type LabUser = 'admin' | 'viewer' | 'nobody';

const users: Readonly<Record<LabUser, User>> = {
  admin: { name: 'lab-admin', groups: ['system:masters'] },
  viewer: { name: 'lab-viewer', groups: ['lab:viewers'] },
  nobody: { name: 'lab-nobody', groups: [] },
};

/** Fresh bearer tokens. */
export function newTokens(): Readonly<Record<LabUser, string>> {
  return { admin: newToken(), viewer: newToken(), nobody: newToken() };
}

/** The user behind each token. */
export function usersByToken(tokens: Readonly<Record<LabUser, string>>): ReadonlyMap<string, User> {
  return new Map(Object.entries(tokens).map(([user, token]) => [token, users[user as LabUser]]));
}

/** The viewer's token may read everything but Secrets: Kubernetes' own `view` is not in a lab. */
export function letViewersView(api: ApiServer): void {
  const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1', namespaced: false };
  const verbs = ['get', 'list', 'watch'];
  const rules = [...new Set(api.resourceTypes().map(({ type }) => type.group))].map((group) => ({
    apiGroups: [group],
    resources: api
      .resourceTypes()
      .filter(({ type }) => type.group === group && type.plural !== 'secrets')
      .flatMap(({ type, subresources }) => [type.plural, ...subresources.map(({ name }) => `${type.plural}/${name}`)]),
    verbs,
  }));
  const pods = { apiGroups: [''], resources: ['pods/log'], verbs };
  api.request({
    verb: 'create',
    resource: { ...rbac, plural: 'clusterroles', kind: 'ClusterRole' },
    body: { metadata: { name: 'lab-viewer' }, rules: [...rules, pods] },
  });
  api.request({
    verb: 'create',
    resource: { ...rbac, plural: 'clusterrolebindings', kind: 'ClusterRoleBinding' },
    body: {
      metadata: { name: 'lab-viewer' },
      roleRef: { apiGroup: rbac.group, kind: 'ClusterRole', name: 'lab-viewer' },
      subjects: [{ apiGroup: rbac.group, kind: 'Group', name: 'lab:viewers' }],
    },
  });
}

function newToken(): string {
  return randomBytes(24).toString('base64url');
}
