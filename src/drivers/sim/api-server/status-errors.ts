import type { Json, JsonObject } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import type { Answer } from '../behaviour.ts';

/** One field that a request got wrong, as `field.Error` of k8s.io/apimachinery has it. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** `spec.volumes[0].name`; `<nil>` for the object as a whole. */
  readonly field: string;
  /** Absent where the text leaves the value out. */
  readonly value?: unknown;
  readonly detail: string;
}

export type FieldErrorType =
  | 'Required'
  | 'Invalid'
  | 'TypeInvalid'
  | 'NotSupported'
  | 'Duplicate'
  | 'Forbidden'
  | 'NotFound'
  | 'TooLong'
  | 'TooMany';

/** `group` and `plural` of the resource that a refusal is about. */
export interface Subject {
  readonly group: string;
  readonly plural: string;
}

/** A refusal on its way out of the server: thrown inside, answered as `metav1.Status` outside. */
export class ApiError extends Error {
  readonly answer: Answer;

  constructor(answer: Answer, message: string) {
    super(message);
    this.answer = answer;
  }
}

interface Failure {
  readonly code: number;
  readonly reason?: string;
  readonly message: string;
  readonly details?: JsonObject;
}

/** A `metav1.Status` of a failed request, as `pkg/api/errors` of k8s.io/apimachinery words it. */
export function failure({ code, reason, message, details }: Failure): ApiError {
  const body: JsonObject = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
  return new ApiError({ status: code, body }, message);
}

const groupResource = ({ group, plural }: Subject): string => (group === '' ? plural : `${plural}.${group}`);

const detailsOf = ({ group, plural }: Subject, name: string): JsonObject => ({
  ...(name === '' ? {} : { name }),
  ...(group === '' ? {} : { group }),
  kind: plural,
});

/** The address is served by nobody: the one refusal that is plain text. */
export function unknownPath(): ApiError {
  return new ApiError({ status: 404, body: '404 page not found\n' }, '404 page not found');
}

/** The group and version are served, this resource or subresource is not. */
export function unknownResource(): ApiError {
  const message = 'the server could not find the requested resource';
  return failure({ code: 404, reason: 'NotFound', message, details: {} });
}

export function notFound(subject: Subject, name: string): ApiError {
  const message = `${groupResource(subject)} ${quote(name)} not found`;
  return failure({ code: 404, reason: 'NotFound', message, details: detailsOf(subject, name) });
}

export function alreadyExists(subject: Subject, name: string, present?: KubeObject): ApiError {
  const leaving = present?.metadata.deletionTimestamp === undefined ? '' : 'object is being deleted: ';
  const message = `${leaving}${groupResource(subject)} ${quote(name)} already exists`;
  return failure({ code: 409, reason: 'AlreadyExists', message, details: detailsOf(subject, name) });
}

export const modifiedText =
  'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(subject: Subject, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${groupResource(subject)} ${quote(name)}: ${why}`;
  return failure({ code: 409, reason: 'Conflict', message, details: detailsOf(subject, name) });
}

export function badRequest(message: string): ApiError {
  return failure({ code: 400, reason: 'BadRequest', message });
}

export function forbidden(subject: Subject, name: string, why: string, causes?: readonly Json[]): ApiError {
  const what = name === '' ? `${groupResource(subject)} is` : `${groupResource(subject)} ${quote(name)} is`;
  const details = { ...detailsOf(subject, name), ...(causes === undefined ? {} : { causes }) };
  return failure({ code: 403, reason: 'Forbidden', message: `${what} forbidden: ${why}`, details });
}

export function unauthorized(): ApiError {
  return failure({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
}

export function methodNotAllowed(): ApiError {
  const message = 'the server does not allow this method on the requested resource';
  return failure({ code: 405, reason: 'MethodNotAllowed', message, details: {} });
}

/** A custom resource refuses a verb in its own words (`NewMethodNotSupported`). */
export function methodNotSupported(subject: Subject, action: string): ApiError {
  const message = `${action} is not supported on resources of kind ${quote(groupResource(subject))}`;
  return failure({ code: 405, reason: 'MethodNotAllowed', message, details: detailsOf(subject, '') });
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return failure({ code: 415, reason: 'UnsupportedMediaType', message });
}

export function patchDoesNotApply(): ApiError {
  const message = 'the server rejected our request due to an error in our request';
  return failure({ code: 422, reason: 'Invalid', message, details: {} });
}

export function expired(message: string): ApiError {
  return failure({ code: 410, reason: 'Expired', message });
}

/** An error that the server did not expect: no reason, no details, just its text. */
export function plainError(message: string): ApiError {
  return failure({ code: 500, message });
}

export function invalid(group: string, kind: string, name: string, errors: readonly FieldError[]): ApiError {
  const what = group === '' ? kind : `${kind}.${group}`;
  const texts = [...new Set(errors.map((error) => `${error.field}: ${bodyOf(error)}`))];
  const joined = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const causes = errors.map((error) => ({
    reason: causeReasons[error.type],
    message: bodyOf(error),
    field: error.field,
  }));
  const details = {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(kind === '' ? {} : { kind }),
    causes,
  };
  return failure({ code: 422, reason: 'Invalid', message: `${what} ${quote(name)} is invalid: ${joined}`, details });
}

/** A Go string literal (`%q`). JSON's escapes are Go's for all that occurs in names and texts here. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

const titles: Readonly<Record<FieldErrorType, string>> = {
  Required: 'Required value',
  Invalid: 'Invalid value',
  TypeInvalid: 'Invalid value',
  NotSupported: 'Unsupported value',
  Duplicate: 'Duplicate value',
  Forbidden: 'Forbidden',
  NotFound: 'Not found',
  TooLong: 'Too long',
  TooMany: 'Too many',
};

const causeReasons: Readonly<Record<FieldErrorType, string>> = {
  Required: 'FieldValueRequired',
  Invalid: 'FieldValueInvalid',
  TypeInvalid: 'FieldValueTypeInvalid',
  NotSupported: 'FieldValueNotSupported',
  Duplicate: 'FieldValueDuplicate',
  Forbidden: 'FieldValueForbidden',
  NotFound: 'FieldValueNotFound',
  TooLong: 'FieldValueTooLong',
  TooMany: 'FieldValueTooMany',
};

const withoutValue: ReadonlySet<FieldErrorType> = new Set(['Required', 'Forbidden', 'TooLong']);

// `(*Error).ErrorBody` of pkg/util/validation/field.
function bodyOf(error: FieldError): string {
  const title = titles[error.type];
  const head = withoutValue.has(error.type) || !('value' in error) ? title : `${title}: ${shown(error.value)}`;
  return error.detail === '' ? head : `${head}: ${error.detail}`;
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return JSON.stringify(value);
}
