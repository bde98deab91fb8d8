import type { JsonObject } from '../../model/json.ts';

/** A refusal that the HTTP face itself gives, before or instead of the API server behind it. */
export interface Failure {
  readonly status: number;
  /** A metav1.Status, or plain text for the addresses that nobody serves. */
  readonly body: JsonObject | string;
}

/** A metav1.Status that says no. Reasons and texts as in `k8s.io/apimachinery/pkg/api/errors/errors.go`. */
export function failure(status: number, reason: string, message: string, details?: JsonObject): Failure {
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason };
  return { status, body: details === undefined ? { ...head, code: status } : { ...head, details, code: status } };
}

export const unauthorized = (): Failure => failure(401, 'Unauthorized', 'Unauthorized');

/** Nobody serves this address. */
export const pageNotFound = (): Failure => ({ status: 404, body: '404 page not found\n' });

/** The group version is served, this resource or subresource is not. */
export const resourceNotFound = (): Failure =>
  failure(404, 'NotFound', 'the server could not find the requested resource', {});

export const methodNotAllowed = (): Failure =>
  failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const badRequest = (message: string): Failure => failure(400, 'BadRequest', message);

export const notAcceptable = (): Failure =>
  failure(406, 'NotAcceptable', 'only the following media types are accepted: application/json, application/yaml');

export const unsupportedMediaType = (accepted: readonly string[]): Failure =>
  failure(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

export const tooLarge = (limit: number): Failure =>
  failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`);

/** A query parameter, or a field of DeleteOptions, with a value that is none of those possible. */
export function unsupportedOption(kind: string, field: string, value: unknown, possible: readonly string[]): Failure {
  const list = possible.map((each) => JSON.stringify(each)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`;
  const causes = [{ reason: 'FieldValueNotSupported', message, field }];
  const details = { group: 'meta.k8s.io', kind, causes };
  return failure(422, 'Invalid', `${kind}.meta.k8s.io "" is invalid: ${field}: ${message}`, details);
}

/** An option that may not be given as it is. */
export function forbiddenOption(kind: string, field: string, why: string): Failure {
  const message = `Forbidden: ${why}`;
  const details = { group: 'meta.k8s.io', kind, causes: [{ reason: 'FieldValueForbidden', message, field }] };
  return failure(422, 'Invalid', `${kind}.meta.k8s.io "" is invalid: ${field}: ${message}`, details);
}

/** An error that the server did not expect: its text, without a reason. */
export function plainFailure(status: number, message: string): Failure {
  return { status, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: status } };
}

export const forbidden = (user: string, verb: string, resource: string, name: string, namespace: string): Failure =>
  failure(
    403,
    'Forbidden',
    `${resource.split('/')[0]} "${name}" is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "" in the namespace "${namespace}"`,
    { name, kind: resource.split('/')[0] },
  );

/** A path that is no resource. */
export const pathForbidden = (user: string, path: string): Failure =>
  failure(403, 'Forbidden', `forbidden: User "${user}" cannot get path "${path}"`, {});

export const impersonationForbidden = (user: string, wanted: string): Failure =>
  failure(
    403,
    'Forbidden',
    `users "${wanted}" is forbidden: User "${user}" cannot impersonate resource "users" in API group "" at the cluster scope`,
    { name: wanted, kind: 'users' },
  );

export const internalError = (message: string): Failure =>
  failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
