import type { Instant } from '../../../model/instant.ts';
import { timestamp } from '../../../model/instant.ts';
import type { JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import { type KubeObject, apiVersionOf } from '../../../model/kube.ts';
import { writtenThoughEmpty } from './builtin-defaults.ts';
import { nameOfConfiguration } from './configuration-errors.ts';
import { compareFields, fieldsOf, mergeApplied, removeFields } from './applied-fields.ts';
import { difference, intersection, isEmptySet, noFields, pathsOf, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { fieldsLastApplied, withLastApplied } from './last-applied.ts';
import type { Manager } from './managed-fields.ts';
import { managedPart, managersOf, shapeOf, withManagers } from './managed-fields.ts';
import type { Resource } from './registry.ts';
import type { RequestContext } from './server-core.ts';
import { typeProblems } from './typed-configuration.ts';
import { asJson, asObject } from './object-json.ts';
import { sameJson } from './same-json.ts';
import { badRequest, failure, invalid, plainError } from './status-errors.ts';

/**
 * Server-side apply: the object that results from a manager's configuration, with the fields that it no longer names
 * removed and conflicts refused unless forced (`merge.Updater.Apply` of structured-merge-diff).
 */
export function appliedObject(context: RequestContext, live: KubeObject | undefined, now: Instant): KubeObject {
  const { request, resource, subresource } = context;
  const config = checkedConfiguration(context);
  const { served } = resource;
  const shape = shapeOf(served);
  const manager = request.options?.fieldManager as string;
  const wanted = fieldsOf(managedPart(config, served, subresource), shape);
  const managers = live === undefined ? [] : managersBefore(live, context, now);
  const isSelf = (entry: Manager): boolean =>
    entry.manager === manager && entry.operation === 'Apply' && (entry.subresource ?? '') === subresource;
  const self = managers.find(isSelf);
  let others = managers.filter((entry) => !isSelf(entry));

  let merged = asObject(
    mergeApplied(live === undefined ? undefined : asJson(live), asJson(config), shape) as JsonObject,
  );
  if (live !== undefined) {
    const before = managedPart(live, served, subresource);
    const { changed } = compareFields(before, managedPart(merged, served, subresource), shape);
    const own = manager === 'kubectl' ? fieldsLastApplied(live, served) : noFields;
    const conflicts = others
      .map((entry) => ({ entry, fields: difference(intersection(entry.fieldsV1, changed), own) }))
      .filter(({ fields }) => !isEmptySet(fields));
    if (conflicts.length > 0 && request.options?.force !== true) throw applyConflict(conflicts);
    others = others.map((entry) => ({ ...entry, fieldsV1: difference(entry.fieldsV1, changed) }));
  }
  const abandoned = difference(self?.fieldsV1 ?? {}, wanted);
  const kept = others.reduce((all: FieldSet, entry) => union(all, entry.fieldsV1), {});
  const removable = difference(abandoned, kept);
  if (!isEmptySet(removable))
    merged = asObject(removeFields(asJson(merged), removable, union(kept, wanted), shape) as JsonObject);
  const isNoChange = live !== undefined && sameJson(asJson(merged), asJson(live));
  const own: Manager = {
    manager,
    operation: 'Apply',
    apiVersion: config.apiVersion,
    ...timeOf(isNoChange, self, now),
    fieldsType: 'FieldsV1',
    fieldsV1: wanted,
    ...(subresource === '' ? {} : { subresource }),
  };
  const applied = withManagers(merged, [...others, own]);
  return manager === 'kubectl' ? withLastApplied(applied, config) : applied;
}

// `skipNonAppliedManager`: whoever made an object that nobody is noted for owns all of it until now.
function managersBefore(live: KubeObject, { resource, subresource }: RequestContext, now: Instant): readonly Manager[] {
  const managers = managersOf(live);
  if (managers.length > 0) return managers;
  const { served } = resource;
  const empty = served.custom ? {} : (writtenThoughEmpty[served.type.kind] ?? {});
  const { changed } = compareFields(empty, managedPart(live, served, subresource), shapeOf(served));
  const first: Manager = {
    manager: 'before-first-apply',
    operation: 'Update',
    apiVersion: apiVersionOf(served.type),
    time: timestamp(now),
    fieldsType: 'FieldsV1',
    fieldsV1: changed,
    ...(subresource === '' ? {} : { subresource }),
  };
  return [first];
}

/** An apply that changes nothing leaves the manager's time, or leaves it out. */
function timeOf(isNoChange: boolean, self: Manager | undefined, now: Instant): Pick<Manager, 'time'> {
  if (!isNoChange) return { time: timestamp(now) };
  return self?.time === undefined ? {} : { time: self.time };
}

function checkedConfiguration({ request, resource }: RequestContext): KubeObject {
  const { body, options } = request;
  const { type } = resource.served;
  if (options?.fieldManager === undefined || options.fieldManager === '') {
    throw invalid('meta.k8s.io', 'PatchOptions', '', [
      { type: 'Required', field: 'fieldManager', detail: 'is required for apply patch' },
    ]);
  }
  if (!isJsonObject(body)) throw badRequest('the applied configuration is not an object');
  const config = body as unknown as KubeObject;
  const apiVersion = type.group === '' ? type.version : `${type.group}/${type.version}`;
  if (config.apiVersion !== apiVersion || config.kind !== type.kind) {
    const given = config.apiVersion ?? '';
    throw badRequest(`invalid object type: ${given.includes('/') ? given : `/${given}`}, Kind=${config.kind ?? ''}`);
  }
  if ((config.metadata?.managedFields ?? null) !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
  checkDeclared(config, resource);
  return config.metadata === undefined ? { ...config, metadata: { name: request.name ?? '' } } : config;
}

// `typed.AsTyped` refuses fields that the schema does not have, whatever fieldValidation says.
function checkDeclared(config: KubeObject, { served }: Resource): void {
  const { schema } = served.strategy;
  const problems = schema === undefined ? [] : typeProblems(asJson(config), schema);
  if (problems.length === 0) return;
  const problem = problems.length === 1 ? problems[0] : `errors:\n${problems.map((text) => `  ${text}`).join('\n')}`;
  throw plainError(`failed to create typed patch object (${nameOfConfiguration(config, served)}): ${problem}`);
}

interface Conflict {
  readonly entry: Manager;
  readonly fields: FieldSet;
}

// `NewConflictError` of k8s.io/apimachinery/pkg/util/managedfields/internal.
function applyConflict(conflicts: readonly Conflict[]): Error {
  const all = conflicts.flatMap(({ entry, fields }) => pathsOf(fields).map((path) => ({ who: nameOf(entry), path })));
  const causes = all.map(({ who, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${who}`,
    field: path,
  }));
  const only = all[0];
  const managers = [...new Set(all.map(({ who }) => who))].toSorted();
  const listed = managers.map((who) =>
    [`conflicts with ${who}:`, ...all.filter((conflict) => conflict.who === who).map(({ path }) => `- ${path}`)].join(
      '\n',
    ),
  );
  const message =
    all.length === 1 && only !== undefined
      ? `Apply failed with 1 conflict: conflict with ${only.who}: ${only.path}`
      : `Apply failed with ${all.length} conflicts: ${listed.join('\n')}`;
  return failure({ code: 409, reason: 'Conflict', message, details: { causes } });
}

function nameOf({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = subresource === undefined ? `"${manager}"` : `"${manager}" with subresource "${subresource}"`;
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
