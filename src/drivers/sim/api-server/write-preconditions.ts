import type { KubeObject } from '../../../model/kube.ts';
import { asJson } from './object-json.ts';
import { checkNamespace, nameMismatch } from './object-place.ts';
import { patchedText } from './patched-text.ts';
import type { RequestContext } from './server-core.ts';
import type { FieldError } from './status-errors.ts';
import { conflict, invalid, modifiedText, plainError } from './status-errors.ts';

/** Refuses a write that names another place, another object or another version than the stored one. */
export function checkPreconditions(context: RequestContext, given: KubeObject, old: KubeObject): void {
  const { request, resource } = context;
  if (given.metadata === old.metadata) return;
  if (request.verb === 'patch') {
    checkNamespace(context, given.metadata);
    if (given.metadata.name !== context.name) throw nameMismatch(given.metadata.name, context.name);
  }
  const { type, strategy } = resource.served;
  const { resourceVersion = '', uid = '' } = given.metadata;
  if (uid !== '' && uid !== old.metadata.uid && request.verb !== 'patch') {
    throw otherUid(context, uid, old.metadata.uid ?? '');
  }
  if (resourceVersion === '' && !strategy.unconditionalUpdate) {
    throw invalid(type.group, type.plural, old.metadata.name, [
      { type: 'Invalid', field: 'metadata.resourceVersion', value: 0, detail: 'must be specified for an update' },
    ]);
  }
  if (resourceVersion !== '' && resourceVersion !== old.metadata.resourceVersion) {
    checkWritten(resourceVersion);
    throw conflict(type, old.metadata.name, modifiedText);
  }
}

/** A version that a write names must be one. */
export function checkWritten(resourceVersion: string): void {
  if (resourceVersion === '' || /^\d+$/.test(resourceVersion)) return;
  throw plainError(`strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
}

/** An update that names another uid than the stored object's; '' when there is none (`Preconditions.Check` of k8s.io/apiserver). */
export function otherUid({ resource, namespace, name, dryRun }: RequestContext, given: string, found: string): Error {
  const { type, custom } = resource.served;
  // A dry run asks a store that knows no prefix.
  const key = [
    dryRun ? '' : '/registry',
    ...(custom ? [type.group] : []),
    type.plural,
    ...(namespace === '' ? [] : [namespace]),
    name,
  ].join('/');
  const why = `Precondition failed: UID in precondition: ${given}, UID in object meta: ${found}`;
  const storage = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
  return conflict(type, name, storage);
}

/** A patch makes no other kind of a built-in object. */
export function checkType({ request, resource }: RequestContext, given: KubeObject, old: KubeObject): void {
  if (given.kind === old.kind && given.apiVersion === old.apiVersion) return;
  if (request.verb !== 'patch' || request.patch === 'strategic' || resource.served.custom) return;
  const problem = `no kind "${given.kind}" is registered for version "${given.apiVersion}"${scheme}`;
  const value = patchedText(asJson(given), asJson(old));
  throw invalid('', '', '', [{ type: 'Invalid', field: 'patch', value, detail: problem }]);
}

/** A patch that names another uid is refused as an invalid object; an update before it is looked at. */
export function foreignUid({ request }: RequestContext, given: KubeObject, old: KubeObject): readonly FieldError[] {
  const { uid = '' } = given.metadata;
  if (uid === '' || uid === old.metadata.uid || request.verb !== 'patch') return none;
  return [{ type: 'Invalid', field: 'metadata.uid', value: uid, detail: 'field is immutable' }];
}

const none: readonly FieldError[] = [];

/** Where the server's types are listed, as its texts say it. */
export const scheme = ' in scheme "pkg/runtime/scheme.go:111"';
