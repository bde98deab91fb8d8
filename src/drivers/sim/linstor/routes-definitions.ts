import { isJsonObject, objectAt, textAt } from '../../../model/json.ts';
import { answerWith, type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { newDefinition } from './definitions.ts';
import { deleteDefinition } from './definition-deletion.ts';
import { adjust } from './deployment.ts';
import { defaultGroup } from './groups.ts';
import { missing, notFound } from './missing.ts';
import { applyModification, deprecations, modificationOf, refuseBadProperty, touches } from './modification.ts';
import { nameFault, nameFromExternal } from './names.ts';
import { hasProperties, namesOf, pageOf } from './paging.ts';
import { autoTiebreakerProperty, quorumProperty } from './properties.ts';
import { finishQuorum, keepQuorum, quorumSetBy } from './quorum.ts';
import { shapes } from './request-shapes.ts';
import type { Route, RouteRequest } from './route.ts';
import { returnCode } from './ret-codes.ts';
import { adjusted, answerOfSatellites, done, type Reply } from './satellites.ts';
import { findByName, type ResourceDefinition, sorted } from './store.ts';
import { definitionView } from './views.ts';

export const definitionRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/v1/resource-definitions',
    handle: (context, { query }) => {
      const names = namesOf(query.resource_definitions);
      const found = sorted(context.store.definitions).filter(
        (each) =>
          (names === undefined || names.has(each.name.toLowerCase())) && hasProperties(each.properties, query.props),
      );
      const withVolumes = query.with_volume_definitions?.[0] === 'true';
      return answerWith(pageOf(found, query).map((each) => definitionView(each, withVolumes)));
    },
  },
  {
    method: 'POST',
    pattern: '/v1/resource-definitions',
    accepts: shapes.definitionCreate,
    badBody: 400,
    handle: createDefinition,
  },
  {
    method: 'GET',
    pattern: '/v1/resource-definitions/{rd}',
    // `with_volume_definitions` has no effect on a single definition.
    handle: (context, request) => withDefinition(context, request, (each) => answerWith(definitionView(each, false))),
  },
  {
    method: 'PUT',
    pattern: '/v1/resource-definitions/{rd}',
    accepts: shapes.definitionModify,
    handle: modifyDefinition,
  },
  { method: 'DELETE', pattern: '/v1/resource-definitions/{rd}', handle: deleteDefinition },
  {
    method: 'GET',
    pattern: '/v1/resource-definitions/{rd}/sync-status',
    // Says true with a cut link, an offline replica and without any replica: only a running resync makes it false.
    handle: (context, { path: { rd = '' } }) => {
      const definition = findByName(context.store.definitions, rd);
      if (definition === undefined)
        return messagesAnswer([missing('resource definition', rd, 'none', 'none')], context.wallNow);
      const syncing = [...definition.resources.values()].some(
        (each) =>
          each.kind === 'diskful' && each.report !== undefined && !['UpToDate', 'Outdated'].includes(each.report.disk),
      );
      return answerWith({ synced_on_all: !syncing });
    },
  },
];

/** Runs `then` on the definition that the path names, or answers that there is none. */
export function withDefinition(
  context: LinstorContext,
  request: RouteRequest,
  then: (definition: ResourceDefinition) => LinstorAnswer,
): LinstorAnswer {
  const name = request.path.rd ?? '';
  const definition = findByName(context.store.definitions, name);
  if (definition !== undefined) return then(definition);
  if (nameFault(name) === undefined) {
    return notFound(301, `Resource definition '${name}' not found.`, context.wallNow);
  }
  const message = `The specified resource name '${name}' is invalid.`;
  return messagesAnswer([{ code: returnCode('error', 'none', 'none', 202), message }], context.wallNow);
}

function createDefinition(context: LinstorContext, { body }: RouteRequest): LinstorAnswer {
  if (!isJsonObject(body)) {
    const code = returnCode('error', 'none', 'none', 998);
    const details = 'Cannot read field "resource_definition" because "<local2>" is null';
    return messagesAnswer([{ code, message: 'Exception thrown.', details }], context.wallNow);
  }
  const wanted = objectAt(body, 'resource_definition');
  const externalName = textAt(wanted, 'external_name');
  const given = textAt(wanted, 'name') ?? '';
  const name = given !== '' || externalName === undefined ? given : nameFromExternal(externalName);
  const refusal = refuseName(context, name) ?? refuseGroup(context, name, textAt(wanted, 'resource_group_name'));
  if (refusal !== undefined) return messagesAnswer([refusal], context.wallNow);
  const group = textAt(wanted, 'resource_group_name') ?? defaultGroup(context).name;
  const stored = findByName(context.store.groups, group)?.name ?? group;
  const definition = newDefinition(context, name, stored, externalName === undefined ? {} : { externalName });
  const change = modificationOf({ override_props: objectAt(wanted, 'props') });
  const messages = applyModification(definition.properties, change, 'resourceDefinition', {}).map(withoutRefs);
  if (touches(change, quorumProperty)) definition.properties.set(quorumSetBy, 'user');
  messages.push(createdDefinition(definition));
  return messagesAnswer(messages, context.wallNow, 201);
}

function refuseName(context: LinstorContext, name: string): Message | undefined {
  const shared = { details: `Resource definition: ${name}`, refs: { RscDfn: name } };
  const code = (number: number): bigint => returnCode('error', 'create', 'resourceDefinition', number);
  if (name === '') return { code: code(606), ...noName, ...shared };
  const fault = nameFault(name);
  if (fault !== undefined) {
    return { code: code(202), message: `The specified resource name '${name}' is invalid.`, cause: fault, ...shared };
  }
  if (findByName(context.store.definitions, name) === undefined) return undefined;
  const message = `A resource definition with the name '${name}' already exists`;
  return { code: code(501), message, cause: 'The ResourceDefinition already exists', ...shared };
}

const noName = {
  message: 'The resource name generation for the creation of a new resource definition failed',
  cause:
    'Name generation was selected by specifying a zero-length resource name,\nbut the external name field required for name generation is not present\nin the API call data',
  correction:
    'For name generation from an external name\n- Specify a non-zero-length external name to induce resource name generation\n  based on the specified external name- Specify a zero-length external name to induce generation of a random\n  resource name (Prefix + UUID)\nor\n- Specify a non-zero-length resource name to avoid resource name generation',
} as const;

function refuseGroup(context: LinstorContext, name: string, group: string | undefined): Message | undefined {
  if (group === undefined || findByName(context.store.groups, group) !== undefined) return undefined;
  return {
    code: returnCode('error', 'create', 'resourceDefinition', 317),
    message: `Resource group '${group}' could not be found.`,
    details: `Resource definition: ${name}`,
    refs: { RscDfn: name },
  };
}

export function createdDefinition(definition: ResourceDefinition): Message {
  return {
    code: returnCode('success', 'create', 'resourceDefinition', 1),
    message: `New resource definition '${definition.name}' created.`,
    details: `Resource definition '${definition.name}' UUID is: ${definition.uuid}`,
    refs: { UUID: definition.uuid, RscDfn: definition.name },
  };
}

function modifyDefinition(context: LinstorContext, { path: { rd = '' }, body }: RouteRequest): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const refs = { RscDfn: definition?.name ?? rd };
  const details = `Resource definition: ${refs.RscDfn}`;
  if (definition === undefined) {
    const entry = missing('resource definition', rd, 'modify', 'resourceDefinition', details, refs);
    return messagesAnswer([entry], context.wallNow);
  }
  const change = modificationOf(body);
  const fault = refuseBadProperty(change, 'resourceDefinition', details, refs);
  if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
  const reply: Reply = { operation: 'modify', object: 'resourceDefinition', refs, details };
  const messages = deprecations(change, reply);
  messages.push(...applyModification(definition.properties, change, 'resourceDefinition', refs));
  if (touches(change, quorumProperty)) {
    if (quorumProperty in change.override) definition.properties.set(quorumSetBy, 'user');
    else definition.properties.delete(quorumSetBy);
  }
  const isAboutQuorum = touches(change, quorumProperty) || touches(change, autoTiebreakerProperty);
  const quorum = isAboutQuorum ? keepQuorum(context, definition, reply) : undefined;
  messages.push(...(quorum?.messages ?? []));
  adjust(context, definition);
  messages.push({
    ...done(`Resource definition '${definition.name}' modified.`, reply),
    details: `Resource definition '${definition.name}' UUID is: ${definition.uuid}`,
    refs: { UUID: definition.uuid, RscDfn: definition.name },
  });
  messages.push(...adjusted(context, definition, reply));
  if (quorum !== undefined) messages.push(...finishQuorum(context, definition, quorum, reply));
  const subject = `Modification of resource definition '${definition.name}'`;
  return answerOfSatellites(context, definition, messages, { ...reply, subject, success: 200 });
}

function withoutRefs({ refs: _refs, ...rest }: Message): Message {
  return rest;
}
