import { flagAt, listAt, objectAt, textAt } from '../../../model/json.ts';
import { type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { addVolume, newDefinition } from './definitions.ts';
import { applyModification, modificationOf } from './modification.ts';
import { nameFault, nameFromExternal } from './names.ts';
import { placeAndTell } from './placing.ts';
import { shapes } from './request-shapes.ts';
import { isError, returnCode } from './ret-codes.ts';
import type { Route, RouteRequest } from './route.ts';
import { createdDefinition } from './routes-definitions.ts';
import { missingGroup } from './routes-groups.ts';
import type { Reply } from './satellites.ts';
import { findByName, type ResourceDefinition, type ResourceGroup, type SelectFilter } from './store.ts';

export const spawnRoutes: readonly Route[] = [
  { method: 'POST', pattern: '/v1/resource-groups/{group}/spawn', accepts: shapes.groupSpawn, handle: spawn },
];

/** Definition, volumes and replicas in one request; nothing is left behind when the replicas find no place. */
function spawn(context: LinstorContext, { path: { group: name = '' }, body }: RouteRequest): LinstorAnswer {
  const group = findByName(context.store.groups, name);
  const external = textAt(body, 'resource_definition_external_name');
  const given = textAt(body, 'resource_definition_name') ?? '';
  const rd = given === '' && external !== undefined ? nameFromExternal(external) : given;
  const refs = { RscDfn: rd, RscGrp: name };
  if (group === undefined) return missingGroup(context, name, refs);
  const reply: Reply = { operation: 'create', object: 'resourceGroup', refs, details: `Resource group: ${name}` };
  const sizes = listAt(body, 'volume_sizes').map(Number);
  const refusal =
    refuseName(context, rd, reply) ?? refuseSizes(group, sizes.length, flagAt(body, 'partial') ?? false, reply);
  if (refusal !== undefined) return messagesAnswer([refusal], context.wallNow);
  const filter: SelectFilter = { ...group.filter, ...(objectAt(body, 'select_filter') as SelectFilter) };
  const definition = newDefinition(context, rd, group.name, {
    ...(external === undefined ? {} : { externalName: external }),
    ...(filter.layer_stack === undefined ? {} : { layers: filter.layer_stack }),
  });
  const change = modificationOf({ override_props: objectAt(body, 'resource_definition_props') });
  const messages = [
    ...partialMode(group, reply),
    ...applyModification(definition.properties, change, 'resourceDefinition', {}),
    ...definitionMessages(context, definition, sizes, reply),
  ];
  if (flagAt(body, 'definitions_only') === true)
    return messagesAnswer([...messages, onlyDefinitions(definition, reply)], context.wallNow, 201);
  if (sizes.length === 0) return messagesAnswer(messages, context.wallNow, 201);
  const { said, work } = placeAndTell(context, definition, filter, reply);
  if (!said.some((each) => isError(each.code))) {
    return messagesAnswer([...messages, ...said, ...work], context.wallNow, 201);
  }
  context.store.definitions.delete(rd.toLowerCase());
  return messagesAnswer(said, context.wallNow);
}

function refuseName(context: LinstorContext, name: string, { details, refs }: Reply): Message | undefined {
  const code = (number: number): bigint => returnCode('error', 'create', 'resourceGroup', number);
  const fault = nameFault(name);
  if (fault !== undefined) {
    return {
      code: code(202),
      message: `The specified resource name '${name}' is invalid.`,
      cause: fault,
      details,
      refs,
    };
  }
  if (findByName(context.store.definitions, name) === undefined) return undefined;
  const message = `A resource definition with the name '${name}' already exists`;
  return { code: code(501), message, cause: 'The ResourceDefinition already exists', details, refs };
}

/** A group with templates of volumes wants one size for each of them. */
function refuseSizes(
  group: ResourceGroup,
  sizes: number,
  partial: boolean,
  { details, refs }: Reply,
): Message | undefined {
  const count = group.volumeGroups.size;
  if (count === 0 || count === sizes || partial) return undefined;
  return {
    code: returnCode('error', 'create', 'resourceGroup', 228),
    message: `Invalid count of volume sizes to spawn resource group '${group.name}'`,
    details: `The resource group '${group.name}' has ${count} Volume groups, but only ${sizes} sizes were provided.\n${details}`,
    correction: "Either provide the correct count of volume sizes or use the 'partial' option",
    refs,
  };
}

function partialMode(group: ResourceGroup, { refs }: Reply): readonly Message[] {
  if (group.volumeGroups.size > 0) return [];
  const message = "Resource-group doesn't have any volume-groups, automatically assume partial mode.";
  return [{ code: returnCode('info', 'create', 'resourceGroup', 0), message, refs }];
}

function definitionMessages(
  context: LinstorContext,
  definition: ResourceDefinition,
  sizes: readonly number[],
  { refs }: Reply,
): readonly Message[] {
  const volumes = sizes.map((size, number) => {
    addVolume(context, definition, size, number);
    return {
      code: returnCode('success', 'create', 'volumeDefinition', 1),
      message: `Volume definition with number '${number}' successfully  created in resource definition '${definition.name}'.`,
      refs: { ...refs, VlmNr: String(number) },
    };
  });
  const made = createdDefinition(definition);
  return [...volumes, { ...made, refs: { ...made.refs, ...refs } }];
}

function onlyDefinitions(definition: ResourceDefinition, { refs }: Reply): Message {
  return {
    code: returnCode('info', 'create', 'resourceGroup', 10_000),
    message: `Resource definition ${definition.name} and ${definition.volumes.size} created but no resources deployed`,
    cause: '--definitions-only was set',
    refs,
  };
}
