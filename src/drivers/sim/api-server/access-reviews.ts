import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject, listAt, objectAt, textAt } from '../../../model/json.ts';
import type { Answer } from '../behaviour.ts';
import type { Attributes, User } from './authorization.ts';
import { authorize, rulesFor } from './authorization.ts';
import { rbacObjects } from './rbac-objects.ts';
import type { RequestContext, ServerCore } from './server-core.ts';
import { badRequest, invalid } from './status-errors.ts';

/** Who a request without a user is: the cluster itself. */
export const clusterItself: User = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

/** Answers a review: a question that is asked by creating it, and that is never stored. Undefined for other kinds. */
export function answerReview(core: ServerCore, context: RequestContext): Answer | undefined {
  const { kind } = context.resource.served.type;
  const review = reviews[kind];
  if (review === undefined) return undefined;
  const body = context.request.body ?? null;
  if (!isJsonObject(body)) throw badRequest('the request body is not an object');
  const { apiVersion, kind: _kind, metadata, ...rest } = body;
  const { group, version } = context.resource.served.type;
  const head = { apiVersion: apiVersion ?? `${group}/${version}`, kind, metadata: metadata ?? {} };
  return { status: 201, body: { ...head, ...rest, status: review(core, context, objectAt(body, 'spec')) } };
}

type Review = (core: ServerCore, context: RequestContext, spec: JsonObject) => JsonObject;

const reviews: Readonly<Record<string, Review | undefined>> = {
  LocalSubjectAccessReview: (core, _context, spec) => accessOf(core, namedUser(spec), spec),
  SelfSubjectAccessReview: (core, context, spec) => accessOf(core, context.user ?? clusterItself, spec),
  SelfSubjectReview: (_core, context) => ({ userInfo: userInfo(context.user ?? clusterItself) }),
  SelfSubjectRulesReview: rulesReview,
  SubjectAccessReview: (core, _context, spec) => accessOf(core, namedUser(spec), spec),
  TokenReview: tokenReview,
};

function userInfo({ name, groups }: User): JsonObject {
  return { username: name, groups };
}

function namedUser(spec: JsonObject): User {
  return { name: textAt(spec, 'user') ?? '', groups: listAt(spec, 'groups') as readonly string[] };
}

function accessOf(core: ServerCore, user: User, spec: JsonObject): JsonObject {
  const path = textAt(spec, 'nonResourceAttributes', 'path');
  if (path !== undefined) {
    return decided(
      user.groups.includes('system:masters') ||
        core.mayVisit(user, textAt(spec, 'nonResourceAttributes', 'verb') ?? 'get', path),
    );
  }
  if (spec['resourceAttributes'] === undefined) {
    throw invalid('authorization.k8s.io', 'SelfSubjectAccessReview', '', [
      {
        type: 'Invalid',
        field: 'spec.resourceAttributes',
        value: null,
        detail: 'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      },
    ]);
  }
  const asked = objectAt(spec, 'resourceAttributes');
  const attributes: Attributes = {
    verb: textAt(asked, 'verb') ?? '',
    group: textAt(asked, 'group') ?? '',
    resource: textAt(asked, 'resource') ?? '',
    subresource: textAt(asked, 'subresource') ?? '',
    namespace: textAt(asked, 'namespace') ?? '',
    name: textAt(asked, 'name') ?? '',
  };
  const decision = authorize(rbacObjects(core.registry), user, attributes);
  return decided(decision.allowed, decision.reason);
}

function decided(allowed: boolean, reason = ''): JsonObject {
  return reason === '' ? { allowed } : { allowed, reason };
}

function rulesReview(core: ServerCore, { user = clusterItself }: RequestContext, spec: JsonObject): JsonObject {
  const namespace = textAt(spec, 'namespace') ?? '';
  const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
  const rules = rulesFor(rbacObjects(core.registry), user, namespace).map(({ rule }) => rule);
  const resourceRules: Json[] = user.groups.includes('system:masters') ? [everything] : [];
  const nonResourceRules: Json[] = user.groups.includes('system:masters')
    ? [{ verbs: ['*'], nonResourceURLs: ['*'] }]
    : [];
  for (const rule of rules) {
    const { nonResourceURLs, ...resourceRule } = rule;
    if (listAt(rule, 'resources').length > 0) resourceRules.push(resourceRule);
    if (nonResourceURLs !== undefined) nonResourceRules.push({ verbs: rule['verbs'], nonResourceURLs });
  }
  return { resourceRules, nonResourceRules, incomplete: false };
}

function tokenReview(core: ServerCore, _context: RequestContext, spec: JsonObject): JsonObject {
  const user = core.userOfToken(textAt(spec, 'token') ?? '');
  return user === undefined ? { user: {} } : { authenticated: true, user: userInfo(user) };
}
