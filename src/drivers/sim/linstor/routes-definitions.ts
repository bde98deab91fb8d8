import { objectAt, numberAt, textAt } from '../../../model/json.ts';
import { answerWith, type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import { isOnline, type LinstorContext } from './context.ts';
import { adjust, keepQuorum, undeploy } from './deployment.ts';
import { missing, notFound } from './missing.ts';
import { applyModification, modificationOf, refuseBadProperty, touches } from './modification.ts';
import { hasProperties, isName, namesOf, pageOf } from './paging.ts';
import { autoTiebreakerProperty, quorumProperty } from './properties.ts';
import type { Route, RouteRequest } from './route.ts';
import { returnCode } from './ret-codes.ts';
import { disklessOf, findByName, type ResourceDefinition, sorted } from './store.ts';
import { definitionView, volumeDefinitionView } from './views.ts';

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
  { method: 'POST', pattern: '/v1/resource-definitions', handle: createDefinition },
  {
    method: 'GET',
    pattern: '/v1/resource-definitions/{rd}',
    // `with_volume_definitions` has no effect on a single definition.
    handle: (context, request) => withDefinition(context, request, (each) => answerWith(definitionView(each, false))),
  },
  { method: 'PUT', pattern: '/v1/resource-definitions/{rd}', handle: modifyDefinition },
  { method: 'DELETE', pattern: '/v1/resource-definitions/{rd}', handle: deleteDefinition },
  {
    method: 'GET',
    pattern: '/v1/resource-definitions/{rd}/volume-definitions',
    handle: (context, request) =>
      withDefinition(context, request, (each) =>
        answerWith(each.volume === undefined ? [] : [volumeDefinitionView(each, each.volume)]),
      ),
  },
  {
    method: 'GET',
    pattern: '/v1/resource-definitions/{rd}/volume-definitions/{number}',
    handle: (context, request) =>
      withDefinition(context, request, (each) => {
        const number = request.path.number ?? '';
        if (number !== '0' || each.volume === undefined) {
          return notFound(303, `Volume definition '${number}' not found.`, context.wallNow);
        }
        return answerWith(volumeDefinitionView(each, each.volume));
      }),
  },
  { method: 'POST', pattern: '/v1/resource-definitions/{rd}/volume-definitions', handle: createVolume },
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

/** Makes a definition with its volume in one go, as spawning does. */
export function newDefinition(context: LinstorContext, name: string, group: string): ResourceDefinition {
  const definition: ResourceDefinition = {
    name,
    uuid: context.random.uuid(),
    group,
    properties: new Map(),
    deleting: false,
    secret: context.random.hex(20),
    quorumByUser: false,
    volume: undefined,
    resources: new Map(),
  };
  context.store.definitions.set(name.toLowerCase(), definition);
  return definition;
}

export function addVolume(context: LinstorContext, definition: ResourceDefinition, sizeKib: number): void {
  definition.volume = {
    uuid: context.random.uuid(),
    sizeKib,
    minor: context.store.nextMinor++,
    generation: `${context.random.hex(15)}6`.toUpperCase(),
    properties: new Map(),
  };
}

/** Runs `then` on the definition that the path names, or answers that there is none. */
export function withDefinition(
  context: LinstorContext,
  request: RouteRequest,
  then: (definition: ResourceDefinition) => LinstorAnswer,
): LinstorAnswer {
  const name = request.path.rd ?? '';
  const definition = findByName(context.store.definitions, name);
  if (definition !== undefined) return then(definition);
  return notFound(301, `Resource definition '${name}' not found.`, context.wallNow);
}

function createDefinition(context: LinstorContext, { body }: RouteRequest): LinstorAnswer {
  const wanted = objectAt(body, 'resource_definition');
  const name = textAt(wanted, 'name') ?? '';
  const refs = { RscDfn: name };
  const details = `Resource definition: ${name}`;
  const refuse = (code: number, message: string, cause?: string): LinstorAnswer => {
    const entry: Message = { code: returnCode('error', 'create', 'resourceDefinition', code), message, details, refs };
    return messagesAnswer([cause === undefined ? entry : { ...entry, cause }], context.wallNow);
  };
  if (!isName(name) || /^[0-9]/.test(name) || name.length > 48) {
    return refuse(202, `The specified resource name '${name}' is invalid.`, nameFault(name));
  }
  if (findByName(context.store.definitions, name) !== undefined) {
    return refuse(
      501,
      `A resource definition with the name '${name}' already exists`,
      'The ResourceDefinition already exists',
    );
  }
  const group = textAt(wanted, 'resource_group_name') ?? 'DfltRscGrp';
  const found = findByName(context.store.groups, group);
  if (found === undefined) return refuse(317, `Resource group '${group}' could not be found.`);
  const definition = newDefinition(context, name, found.name);
  const change = modificationOf({ override_props: objectAt(wanted, 'props') });
  const messages = applyModification(definition.properties, change, 'resourceDefinition', {}).map(withoutRefs);
  definition.quorumByUser = touches(change, quorumProperty);
  messages.push(createdDefinition(definition));
  return messagesAnswer(messages, context.wallNow, 201);
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
    return messagesAnswer(
      [missing('resource definition', rd, 'modify', 'resourceDefinition', details, refs)],
      context.wallNow,
    );
  }
  const change = modificationOf(body);
  const fault = refuseBadProperty(change, 'resourceDefinition', details, refs);
  if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
  const messages = applyModification(definition.properties, change, 'resourceDefinition', refs);
  if (touches(change, quorumProperty)) definition.quorumByUser = quorumProperty in change.override;
  if (touches(change, quorumProperty) || touches(change, autoTiebreakerProperty)) {
    messages.push(...keepQuorum(context, definition, 'modify', 'resourceDefinition'));
  }
  adjust(context, definition);
  messages.push({
    code: returnCode('success', 'modify', 'resourceDefinition', 3),
    message: `Resource definition '${definition.name}' modified.`,
    details: `Resource definition '${definition.name}' UUID is: ${definition.uuid}`,
    refs: { UUID: definition.uuid, RscDfn: definition.name },
  });
  return withSatellites(context, definition, messages, 200);
}

/**
 * Refused only while a satellite that counts as connected has said "in use"; else every reachable copy is destroyed at once
 * and the others when their satellite is back.
 */
function deleteDefinition(context: LinstorContext, { path: { rd = '' } }: RouteRequest): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const refs = { RscDfn: definition?.name ?? rd };
  const details = `Resource definition: ${refs.RscDfn}`;
  if (definition === undefined) {
    const code = returnCode('warn', 'delete', 'resourceDefinition', 3000);
    return messagesAnswer([{ code, message: `Resource definition: ${rd} not found.`, details, refs }], context.wallNow);
  }
  const holder = sorted(definition.resources).find((each) => each.report?.inUse === true);
  if (holder !== undefined)
    return messagesAnswer([inUse(definition, holder.node, 'resourceDefinition')], context.wallNow);
  if (definition.resources.size === 0) {
    context.store.definitions.delete(rd.toLowerCase());
    const message = `Resource definition '${definition.name}' deleted.`;
    const was = `Resource definition '${definition.name}' UUID was: ${definition.uuid}`;
    const code = returnCode('success', 'delete', 'resourceDefinition', 2);
    return messagesAnswer([{ code, message, details: was, refs }], context.wallNow);
  }
  const message = `Resource definition '${definition.name}' marked for deletion.`;
  const messages: Message[] = [{ code: returnCode('success', 'delete', 'resourceDefinition', 2), message, refs }];
  definition.deleting = true;
  for (const resource of [...disklessOf(definition), ...sorted(definition.resources)]) {
    if (!definition.resources.has(resource.node.toLowerCase())) continue;
    if (undeploy(context, definition, resource)) {
      const text = `(${resource.node}) Resource '${definition.name}' [DRBD] deleted.`;
      messages.push({ code: returnCode('success', 'delete', 'resource', 2), message: text, refs });
    } else messages.push(notConnected(resource.node, 'delete', 'resourceDefinition', refs));
  }
  if (definition.resources.size === 0) context.store.definitions.delete(definition.name.toLowerCase());
  return messagesAnswer(messages, context.wallNow);
}

function createVolume(context: LinstorContext, { path: { rd = '' }, body }: RouteRequest): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const refs = { RscDfn: definition?.name ?? rd, VlmNr: '0' };
  if (definition === undefined) {
    const details = `Volume definitions for resource definition '${rd}'`;
    return messagesAnswer(
      [missing('resource definition', rd, 'create', 'volumeDefinition', details, { RscDfn: rd })],
      context.wallNow,
    );
  }
  if (definition.volume !== undefined) {
    const entry: Message = {
      code: returnCode('error', 'create', 'volumeDefinition', 503),
      message: `A volume definition with the number 0 already exists in resource definition '${definition.name}'.`,
      cause: 'The VolumeDefinition already exists',
      details: `Resource definition: ${definition.name}, Volume number: 0\nVolume definitions for resource definition '${definition.name}'`,
      refs,
    };
    return messagesAnswer([entry], context.wallNow);
  }
  addVolume(context, definition, numberAt(body, 'volume_definition', 'size_kib') ?? 0);
  const message = `New volume definition with number '0' of resource definition '${definition.name}' created.`;
  return messagesAnswer(
    [{ code: returnCode('success', 'create', 'volumeDefinition', 1), message, refs }],
    context.wallNow,
  );
}

/** What a change answers that the satellites had to be told of: a silent one makes it 500 although it is stored. */
export function withSatellites(
  context: LinstorContext,
  definition: ResourceDefinition,
  messages: Message[],
  success: number,
): LinstorAnswer {
  const refs = { RscDfn: definition.name };
  let takes = 0;
  for (const resource of sorted(definition.resources)) {
    const node = findByName(context.store.nodes, resource.node);
    if (isOnline(node)) {
      const message = `(${resource.node}) Resource '${definition.name}' [DRBD] adjusted.`;
      messages.push({ code: returnCode('success', 'modify', 'resource', 3), message, refs });
    } else if (node?.connection === 'silent') {
      takes = Math.max(takes, node.silentSince + 7000 - context.now);
      messages.push({ code: returnCode('error', 'modify', 'resource', 998), refs });
    } else {
      messages.push(notConnected(resource.node, 'modify', 'resourceDefinition', refs));
    }
  }
  return messagesAnswer(messages, context.wallNow, success, takes);
}

export function notConnected(
  node: string,
  operation: 'create' | 'modify' | 'delete',
  object: 'resource' | 'resourceDefinition',
  refs: Readonly<Record<string, string>>,
): Message {
  return {
    code: returnCode('warn', operation, object, 1002),
    message: `No active connection to satellite '${node}'`,
    details:
      'The controller is trying to (re-) establish a connection to the satellite. The controller stored the changes and as soon the satellite is connected, it will receive this update.',
    refs,
  };
}

function inUse(definition: ResourceDefinition, node: string, object: 'resourceDefinition'): Message {
  return {
    code: returnCode('error', 'delete', object, 997),
    message: `Resource '${definition.name}' on node '${node}' is still in use.`,
    cause: 'Resource is mounted/in use.',
    details: `Resource definition: ${definition.name}`,
    correction: `Un-mount resource '${definition.name}' on the node '${node}'.`,
    refs: { RscDfn: definition.name },
  };
}

function nameFault(name: string): string {
  if (name.length > 48) return `Invalid name: Name length ${name.length} is greater than maximum length 48`;
  const first = name.charAt(0);
  if (!/[A-Za-z_]/.test(first)) return `Invalid name: Cannot begin with character '${first}'`;
  return `Invalid name: Cannot contain character '${Array.from(name).find((each) => !/[A-Za-z0-9_.-]/.test(each)) ?? ''}'`;
}

function withoutRefs({ refs: _refs, ...rest }: Message): Message {
  return rest;
}
