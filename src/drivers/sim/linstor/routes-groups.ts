import { listAt, numberAt, objectAt, textAt } from '../../../model/json.ts';
import { answerWith, type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { keepQuorum, poolSet } from './deployment.ts';
import { missing, notFound } from './missing.ts';
import { applyModification, modificationOf, refuseBadProperty } from './modification.ts';
import type { Route, RouteRequest } from './route.ts';
import { addVolume, createdDefinition, newDefinition } from './routes-definitions.ts';
import { notEnoughNodes, placedMessage, placeReplicas } from './placing.ts';
import { returnCode } from './ret-codes.ts';
import { findByName, type ResourceGroup, type SelectFilter, sorted } from './store.ts';
import { groupView } from './views.ts';

export const groupRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/v1/resource-groups',
    handle: (context) => answerWith(sorted(context.store.groups).map(groupView)),
  },
  {
    method: 'GET',
    pattern: '/v1/resource-groups/{group}',
    handle: (context, { path: { group: name = '' } }) => {
      const group = findByName(context.store.groups, name);
      if (group === undefined) return notFound(317, `Resource group '${name}' not found.`, context.wallNow);
      return answerWith(groupView(group));
    },
  },
  { method: 'POST', pattern: '/v1/resource-groups', handle: createGroup },
  { method: 'PUT', pattern: '/v1/resource-groups/{group}', handle: modifyGroup },
  { method: 'DELETE', pattern: '/v1/resource-groups/{group}', handle: deleteGroup },
  { method: 'POST', pattern: '/v1/resource-groups/{group}/spawn', handle: spawn },
];

export function newGroup(
  context: LinstorContext,
  name: string,
  filter: SelectFilter,
  description?: string,
): ResourceGroup {
  const pools = filter.storage_pool_list ?? (filter.storage_pool === undefined ? undefined : [filter.storage_pool]);
  const [first] = pools ?? [];
  const group: ResourceGroup = {
    name,
    uuid: context.random.uuid(),
    description,
    properties: new Map(),
    filter: first === undefined ? filter : { ...filter, storage_pool: first, storage_pool_list: pools ?? [] },
  };
  context.store.groups.set(name.toLowerCase(), group);
  return group;
}

function createGroup(context: LinstorContext, { body }: RouteRequest): LinstorAnswer {
  const name = textAt(body, 'name') ?? '';
  const refs = { RscGrp: name };
  if (findByName(context.store.groups, name) !== undefined) {
    const entry: Message = {
      code: returnCode('error', 'create', 'resourceGroup', 522),
      message: `A Resource group: ${name} already exists.`,
      cause: 'The ResourceGroup already exists',
      details: `Resource group: ${name}`,
      refs,
    };
    return messagesAnswer([entry], context.wallNow);
  }
  // `props` in this body are ignored by LINSTOR.
  const group = newGroup(context, name, objectAt(body, 'select_filter'), textAt(body, 'description'));
  const entry: Message = {
    code: returnCode('success', 'create', 'resourceGroup', 1),
    message: `New resource group '${name}' created.`,
    details: `Resource group '${name}' UUID is: ${group.uuid}`,
    refs: { UUID: group.uuid, ...refs },
  };
  return messagesAnswer([entry], context.wallNow, 201);
}

function modifyGroup(context: LinstorContext, { path: { group: name = '' }, body }: RouteRequest): LinstorAnswer {
  const group = findByName(context.store.groups, name);
  if (group === undefined) return missingGroup(context, name);
  const refs = { RscGrp: group.name };
  const change = modificationOf(body);
  const fault = refuseBadProperty(change, 'resourceGroup', `Resource group: ${group.name}`, refs);
  if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
  // The keys are reported under the definition's object code, as LINSTOR does.
  const messages = applyModification(group.properties, change, 'resourceDefinition', refs);
  group.filter = { ...group.filter, ...(objectAt(body, 'select_filter') as SelectFilter) };
  for (const definition of context.store.definitions.values()) {
    if (definition.group === group.name) messages.push(...keepQuorum(context, definition, 'modify', 'resourceGroup'));
  }
  messages.push({
    code: returnCode('success', 'create', 'resourceGroup', 3),
    message: `Resource group '${group.name}' modified.`,
    details: `Resource group '${group.name}' UUID is: ${group.uuid}`,
    refs: { UUID: group.uuid, ...refs },
  });
  return messagesAnswer(messages, context.wallNow);
}

function deleteGroup(context: LinstorContext, { path: { group: name = '' } }: RouteRequest): LinstorAnswer {
  const group = findByName(context.store.groups, name);
  const refs = { RscGrp: name };
  const details = `Resource group: ${name}`;
  if (group === undefined) {
    const code = returnCode('warn', 'delete', 'resourceGroup', 3000);
    return messagesAnswer([{ code, message: `Resource group: ${name} not found.`, details, refs }], context.wallNow);
  }
  if ([...context.store.definitions.values()].some((each) => each.group === group.name)) {
    const message = `Cannot delete resource group '${name}' because it has existing resource definitions.`;
    // LINSTOR answers with the "create" operation and the code of an existing definition here.
    return messagesAnswer(
      [{ code: returnCode('error', 'create', 'resourceGroup', 501), message, details, refs }],
      context.wallNow,
    );
  }
  context.store.groups.delete(name.toLowerCase());
  const code = returnCode('success', 'create', 'resourceGroup', 2);
  const message = `Resource group '${name}' deleted.`;
  return messagesAnswer(
    [
      {
        code,
        message,
        details: `Resource group '${name}' UUID was: ${group.uuid}`,
        refs: { UUID: group.uuid, ...refs },
      },
    ],
    context.wallNow,
  );
}

/** Definition, volume and replicas in one request; nothing is left behind when the replicas find no place. */
function spawn(context: LinstorContext, { path: { group: name = '' }, body }: RouteRequest): LinstorAnswer {
  const group = findByName(context.store.groups, name);
  const rd = textAt(body, 'resource_definition_name') ?? '';
  const refs = { RscDfn: rd, RscGrp: name };
  if (group === undefined) return missingGroup(context, name, refs);
  if (findByName(context.store.definitions, rd) !== undefined) {
    const entry: Message = {
      code: returnCode('error', 'create', 'resourceGroup', 501),
      message: `A resource definition with the name '${rd}' already exists`,
      cause: 'The ResourceDefinition already exists',
      details: `Resource group: ${name}`,
      refs,
    };
    return messagesAnswer([entry], context.wallNow);
  }
  const sizeKib = numberAt(body, 'volume_sizes', 0) ?? 0;
  const definition = newDefinition(context, rd, group.name);
  addVolume(context, definition, sizeKib);
  const filter: SelectFilter = { ...group.filter, ...(objectAt(body, 'select_filter') as SelectFilter) };
  const onlyDefinitions = objectAt(body).definitions_only === true;
  const nodes =
    onlyDefinitions || listAt(body, 'volume_sizes').length === 0 ? [] : placeReplicas(context, definition, filter);
  if (nodes === undefined) {
    context.store.definitions.delete(rd.toLowerCase());
    return messagesAnswer([notEnoughNodes(filter, sizeKib, 'resourceGroup', refs)], context.wallNow);
  }
  const volumeMessage = `Volume definition with number '0' successfully  created in resource definition '${rd}'.`;
  const messages: Message[] = [
    {
      code: returnCode('info', 'create', 'resourceGroup', 0),
      message: "Resource-group doesn't have any volume-groups, automatically assume partial mode.",
      refs,
    },
    {
      code: returnCode('success', 'create', 'volumeDefinition', 1),
      message: volumeMessage,
      refs: { ...refs, VlmNr: '0' },
    },
    withRefs(createdDefinition(definition), { RscGrp: name }),
    ...nodes.map(() => poolSet(refs)),
  ];
  if (nodes.length > 0) messages.push(placedMessage(definition, nodes, 'resourceGroup', refs));
  messages.push(
    ...keepQuorum(context, definition, 'create', 'resourceGroup').map((each) => withRefs(each, { RscGrp: name })),
  );
  return messagesAnswer(messages, context.wallNow, 201);
}

function withRefs(message: Message, refs: Readonly<Record<string, string>>): Message {
  return { ...message, refs: { ...message.refs, ...refs } };
}

function missingGroup(
  context: LinstorContext,
  name: string,
  refs: Record<string, string> = { RscGrp: name },
): LinstorAnswer {
  return messagesAnswer(
    [missing('resource group', name, 'create', 'resourceGroup', `Resource group: ${name}`, refs)],
    context.wallNow,
  );
}
