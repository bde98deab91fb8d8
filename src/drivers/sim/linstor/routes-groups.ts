import { objectAt, textAt } from '../../../model/json.ts';
import { answerWith, type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { newGroup, normalFilter, poolsOf } from './groups.ts';
import { missing, notFound } from './missing.ts';
import { applyModification, modificationOf, refuseBadProperty, touches } from './modification.ts';
import { nameFault } from './names.ts';
import { hasProperties, namesOf, pageOf } from './paging.ts';
import { autoTiebreakerProperty, quorumProperty } from './properties.ts';
import { placeAndTell } from './placing.ts';
import { finishQuorum, keepQuorum, quorumSetBy } from './quorum.ts';
import { shapes } from './request-shapes.ts';
import { returnCode } from './ret-codes.ts';
import type { Route, RouteRequest } from './route.ts';
import type { Reply } from './satellites.ts';
import { diskfulOf, findByName, type SelectFilter, sorted } from './store.ts';
import { groupView } from './views.ts';

const one = '/v1/resource-groups/{group}';

export const groupRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/v1/resource-groups',
    handle: (context, { query }) => {
      const names = namesOf(query.resource_groups);
      const found = sorted(context.store.groups).filter(
        (each) =>
          (names === undefined || names.has(each.name.toLowerCase())) && hasProperties(each.properties, query.props),
      );
      return answerWith(pageOf(found, query).map(groupView));
    },
  },
  {
    method: 'GET',
    pattern: one,
    handle: (context, { path: { group: name = '' } }) => {
      const group = findByName(context.store.groups, name);
      if (group === undefined) return notFound(317, `Resource group '${name}' not found.`, context.wallNow);
      return answerWith(groupView(group));
    },
  },
  { method: 'POST', pattern: '/v1/resource-groups', accepts: shapes.group, handle: createGroup },
  { method: 'PUT', pattern: one, accepts: shapes.groupModify, handle: modifyGroup },
  { method: 'DELETE', pattern: one, handle: deleteGroup },
  { method: 'POST', pattern: `${one}/adjust`, accepts: shapes.groupAdjust, bodyOptional: true, handle: adjustGroup },
];

function createGroup(context: LinstorContext, { body }: RouteRequest): LinstorAnswer {
  const name = textAt(body, 'name') ?? '';
  const refs = { RscGrp: name };
  const details = `Resource group: ${name}`;
  const refuse = (code: number, message: string, cause: string): LinstorAnswer => {
    const entry = { code: returnCode('error', 'create', 'resourceGroup', code), message, cause, details, refs };
    return messagesAnswer([entry], context.wallNow);
  };
  const fault = nameFault(name);
  if (fault !== undefined) return refuse(237, `The given resource group name '${name}' is invalid.`, fault);
  if (findByName(context.store.groups, name) !== undefined) {
    return refuse(522, `A Resource group: ${name} already exists.`, 'The ResourceGroup already exists');
  }
  const filter = objectAt(body, 'select_filter') as SelectFilter;
  const messages = unknownPools(context, filter);
  // `props` in this body are ignored by LINSTOR.
  const group = newGroup(context, name, filter, textAt(body, 'description'));
  messages.push({
    code: returnCode('success', 'create', 'resourceGroup', 1),
    message: `New resource group '${name}' created.`,
    details: `Resource group '${name}' UUID is: ${group.uuid}`,
    refs: { UUID: group.uuid, ...refs },
  });
  return messagesAnswer(messages, context.wallNow, 201);
}

/** A group may name pools that nobody has; LINSTOR warns. */
function unknownPools(context: LinstorContext, filter: SelectFilter): Message[] {
  const nodes = [...context.store.nodes.values()];
  const unknown = (poolsOf(filter) ?? []).filter((pool) => !nodes.some((node) => node.pools.has(pool.toLowerCase())));
  if (unknown.length === 0) return [];
  const message = `The following configured storage pools do not exist on any node:\n\t${unknown.join('\n\t')}`;
  return [{ code: returnCode('warn', 'none', 'none', 3000), message }];
}

function modifyGroup(context: LinstorContext, { path: { group: name = '' }, body }: RouteRequest): LinstorAnswer {
  const group = findByName(context.store.groups, name);
  if (group === undefined) return missingGroup(context, name);
  const refs = { RscGrp: group.name };
  const details = `Resource group: ${group.name}`;
  const change = modificationOf(body);
  const fault = refuseBadProperty(change, 'resourceGroup', details, refs);
  if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
  // The keys are reported under the definition's object code, as LINSTOR does.
  const messages = applyModification(group.properties, change, 'resourceDefinition', refs);
  if (quorumProperty in change.override) group.properties.set(quorumSetBy, 'user');
  else if (touches(change, quorumProperty)) group.properties.delete(quorumSetBy);
  const { storage_pool_list, storage_pool, ...rest } = group.filter;
  const wanted = objectAt(body, 'select_filter') as SelectFilter;
  const pools = poolsOf(wanted) === undefined ? { storage_pool, storage_pool_list } : {};
  group.filter = normalFilter(withoutUndefined({ ...rest, ...pools, ...wanted }));
  group.description = textAt(body, 'description') ?? group.description;
  const isAboutQuorum = touches(change, quorumProperty) || touches(change, autoTiebreakerProperty);
  for (const definition of context.store.definitions.values()) {
    if (definition.group !== group.name || (definition.resources.size === 0 && !isAboutQuorum)) continue;
    const reply: Reply = { operation: 'modify', object: 'resourceGroup', refs, details };
    const quorum = keepQuorum(context, definition, reply);
    const finished = finishQuorum(context, definition, quorum, reply);
    if (isAboutQuorum) messages.push(...quorum.messages, ...finished);
  }
  messages.push({
    code: returnCode('success', 'create', 'resourceGroup', 3),
    message: `Resource group '${group.name}' modified.`,
    details: `Resource group '${group.name}' UUID is: ${group.uuid}`,
    refs: { UUID: group.uuid, ...refs },
  });
  return messagesAnswer(messages, context.wallNow);
}

function withoutUndefined(filter: { [K in keyof SelectFilter]: SelectFilter[K] | undefined }): SelectFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as SelectFilter;
}

function deleteGroup(context: LinstorContext, { path: { group: name = '' } }: RouteRequest): LinstorAnswer {
  const group = findByName(context.store.groups, name);
  const refs = { RscGrp: name };
  const details = `Resource group: ${name}`;
  // LINSTOR answers with the "create" operation here, and with the code of an existing definition.
  if (group === undefined) {
    const code = returnCode('warn', 'create', 'resourceGroup', 3000);
    return messagesAnswer([{ code, message: `Resource group: ${name} not found.`, details, refs }], context.wallNow);
  }
  if ([...context.store.definitions.values()].some((each) => each.group === group.name)) {
    const message = `Cannot delete resource group '${name}' because it has existing resource definitions.`;
    const code = returnCode('error', 'create', 'resourceGroup', 501);
    return messagesAnswer([{ code, message, details, refs }], context.wallNow);
  }
  context.store.groups.delete(name.toLowerCase());
  const entry: Message = {
    code: returnCode('success', 'create', 'resourceGroup', 2),
    message: `Resource group '${name}' deleted.`,
    details: `Resource group '${name}' UUID was: ${group.uuid}`,
    refs: { UUID: group.uuid, ...refs },
  };
  return messagesAnswer([entry], context.wallNow);
}

/** Places what the definitions of a group lack. */
function adjustGroup(context: LinstorContext, { path: { group: name = '' }, body }: RouteRequest): LinstorAnswer {
  const group = findByName(context.store.groups, name);
  if (group === undefined) return missingGroup(context, name);
  const reply: Reply = {
    operation: 'create',
    object: 'resourceGroup',
    refs: { RscGrp: group.name },
    details: `Resource group: ${group.name}`,
  };
  const filter: SelectFilter = { ...group.filter, ...(objectAt(body, 'select_filter') as SelectFilter) };
  const members = sorted(context.store.definitions).filter((each) => each.group === group.name);
  const count = filter.place_count ?? 2;
  const lacking = members.filter((each) => diskfulOf(each).length < count);
  const others = members.filter((each) => !lacking.includes(each));
  const placed = [...lacking, ...others].map((each) => placeAndTell(context, each, filter, reply));
  const messages = [...placed.flatMap(({ said }) => said), ...placed.flatMap(({ work }) => work)];
  return messagesAnswer(messages, context.wallNow);
}

export function missingGroup(
  context: LinstorContext,
  name: string,
  refs: Record<string, string> = { RscGrp: name },
): LinstorAnswer {
  return messagesAnswer(
    [missing('resource group', name, 'create', 'resourceGroup', `Resource group: ${name}`, refs)],
    context.wallNow,
  );
}
