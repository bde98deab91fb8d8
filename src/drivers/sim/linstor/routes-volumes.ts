import { isJsonObject, type Json, numberAt, objectAt } from '../../../model/json.ts';
import { answerWith, type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { addVolume, firstFreeNumber } from './definitions.ts';
import { missing, notFound, unknownPath } from './missing.ts';
import { applyModification, modificationOf, refuseBadProperty } from './modification.ts';
import { shapes } from './request-shapes.ts';
import type { Route, RouteRequest } from './route.ts';
import { returnCode } from './ret-codes.ts';
import { withDefinition } from './routes-definitions.ts';
import { adjusted, answerOfSatellites, done, type Reply, volumeMessages } from './satellites.ts';
import { findByName, type ResourceDefinition, sorted, volumesOf } from './store.ts';
import { volumeDefinitionView } from './views.ts';

const list = '/v1/resource-definitions/{rd}/volume-definitions';

export const volumeRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: list,
    handle: (context, request) =>
      withDefinition(context, request, (each) =>
        answerWith(volumesOf(each).map((volume) => volumeDefinitionView(each, volume))),
      ),
  },
  {
    method: 'GET',
    pattern: `${list}/{number}`,
    handle: (context, request) =>
      withDefinition(context, request, (each) => {
        const number = request.path.number ?? '';
        if (!/^-?\d+$/.test(number)) return unknownPath(context.wallNow);
        const volume = each.volumes.get(Number(number));
        if (volume !== undefined) return answerWith(volumeDefinitionView(each, volume));
        return notFound(303, `Volume definition '${number}' not found.`, context.wallNow);
      }),
  },
  { method: 'POST', pattern: list, accepts: shapes.volumeDefinitionCreate, handle: createVolume },
  {
    method: 'PUT',
    pattern: `${list}/{number}`,
    accepts: shapes.volumeDefinitionModify,
    handle: (context, request) => changeVolume(context, request, 'modify'),
  },
  {
    method: 'DELETE',
    pattern: `${list}/{number}`,
    handle: (context, request) => changeVolume(context, request, 'delete'),
  },
];

/** Sizes that DRBD can have, KiB. */
const smallest = 4;
const largest = 1_099_511_627_776;

function createVolume(context: LinstorContext, { path: { rd = '' }, body }: RouteRequest): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const what = `Volume definitions for resource definition '${definition?.name ?? rd}'`;
  if (definition === undefined) {
    const refs = { RscDfn: rd };
    const entry = missing('resource definition', rd, 'create', 'volumeDefinition', what, refs);
    return messagesAnswer([entry], context.wallNow);
  }
  const size = numberAt(body, 'volume_definition', 'size_kib') ?? 0;
  const number = numberAt(body, 'volume_definition', 'volume_number') ?? firstFreeNumber(definition);
  const refs = { RscDfn: definition.name };
  const details = `Resource definition: ${definition.name}, Volume number: ${number}\n${what}`;
  const refuse = (code: number, message: string, cause: string): LinstorAnswer =>
    messagesAnswer(
      [
        {
          code: returnCode('error', 'create', 'volumeDefinition', code),
          message,
          cause,
          details,
          refs: { ...refs, VlmNr: String(number) },
        },
      ],
      context.wallNow,
    );
  if (definition.volumes.has(number)) {
    const message = `A volume definition with the number ${number} already exists in resource definition '${definition.name}'.`;
    return refuse(503, message, 'The VolumeDefinition already exists');
  }
  if (size < smallest || size > largest) {
    const message = `The volume definition with number '${number}' of resource definition '${definition.name}' has an invalid size of '${size}'. Valid sizes range from ${smallest} to ${largest}.`;
    return refuse(206, message, `Volume size value ${size} is out of range [1 - 9223372036854775807] for non-DRBD`);
  }
  const volume = addVolume(context, definition, size, number);
  const change = modificationOf({ override_props: objectAt(body, 'volume_definition', 'props') });
  const messages = applyModification(volume.properties, change, 'volumeDefinition', refs);
  messages.push({
    code: returnCode('success', 'create', 'volumeDefinition', 1),
    message: `New volume definition with number '${number}' of resource definition '${definition.name}' created.`,
    refs: { ...refs, VlmNr: String(number) },
  });
  const reply: Reply = { operation: 'create', object: 'volumeDefinition', refs, details: what };
  for (const each of sorted(definition.resources)) {
    messages.push(...volumeMessages(context, definition, each, 'created', reply, [volume]));
  }
  messages.push(
    ...adjusted(
      context,
      definition,
      reply,
      ({ node }) => `Created volume for resource '${definition.name}' on '${node}'`,
    ),
  );
  const subject = `Creation of volume definitions of resource definition '${definition.name}'`;
  return answerOfSatellites(context, definition, messages, { ...reply, subject, success: 200 });
}

function changeVolume(
  context: LinstorContext,
  { path: { rd = '', number: text = '' }, body }: RouteRequest,
  operation: 'modify' | 'delete',
): LinstorAnswer {
  if (!/^-?\d+$/.test(text)) return unknownPath(context.wallNow);
  const number = Number(text);
  const definition = findByName(context.store.definitions, rd);
  const refs = { RscDfn: definition?.name ?? rd, VlmNr: text };
  const details = `Resource definition: ${refs.RscDfn}, Volume number: ${text}`;
  const volume = definition?.volumes.get(number);
  if (definition === undefined || volume === undefined) {
    return messagesAnswer([missingVolume(operation, definition, rd, text, details, refs)], context.wallNow);
  }
  const reply: Reply = { operation, object: 'volumeDefinition', refs, details };
  const named = `Volume definition with number '${text}' of resource definition '${definition.name}'`;
  const messages: Message[] = [];
  if (operation === 'modify') {
    const change = modificationOf(body);
    const fault = refuseBadProperty(change, 'volumeDefinition', details, refs);
    if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
    messages.push(...applyModification(volume.properties, change, 'volumeDefinition', refs));
    volume.sizeKib = sizeIn(body) ?? volume.sizeKib;
    const told = { details: `${named} UUID is: ${volume.uuid}`, refs: { UUID: volume.uuid, ...refs } };
    messages.push({ ...done(`${named} modified.`, reply), ...told });
    messages.push(...adjusted(context, definition, reply));
  } else {
    messages.push(...deleteVolume(context, definition, number, reply, named));
  }
  const subject = `${operation === 'modify' ? 'Modification' : 'Deletion'} of volume definition '${text}' of '${definition.name}'`;
  return answerOfSatellites(context, definition, messages, { ...reply, subject, success: 200 });
}

function deleteVolume(
  context: LinstorContext,
  definition: ResourceDefinition,
  number: number,
  reply: Reply,
  named: string,
): Message[] {
  const volume = definition.volumes.get(number);
  if (volume === undefined) return [];
  const code = returnCode('success', 'delete', 'volumeDefinition', 2);
  const uuid = `${named} UUID is: ${volume.uuid}`;
  const messages: Message[] = [{ code, message: `${named} marked for deletion.`, details: uuid, refs: reply.refs }];
  for (const each of sorted(definition.resources)) {
    messages.push(...volumeMessages(context, definition, each, 'deleted', reply, [volume]));
  }
  const told = (node: string): string => `Deleted volume ${number} of '${definition.name}' on '${node}'`;
  messages.push(...adjusted(context, definition, reply, ({ node }) => told(node)));
  definition.volumes.delete(number);
  for (const each of definition.resources.values()) each.volumeUuids.delete(number);
  messages.push({ code, message: `${named} deleted.`, details: uuid.replace(' is: ', ' was: '), refs: reply.refs });
  return messages;
}

function missingVolume(
  operation: 'modify' | 'delete',
  definition: ResourceDefinition | undefined,
  rd: string,
  number: string,
  details: string,
  refs: Record<string, string>,
): Message {
  if (operation === 'delete') {
    const code = returnCode('warn', 'delete', 'volumeDefinition', 3000);
    return { code, message: `${details} not found.`, details, refs };
  }
  if (definition === undefined) return missing('resource definition', rd, operation, 'volumeDefinition', details, refs);
  const code = returnCode('error', operation, 'volumeDefinition', 303);
  return { code, message: `Volume definition '${number}' not found.`, details, refs };
}

function sizeIn(body: Json): number | undefined {
  return isJsonObject(body) ? numberAt(body, 'size_kib') : undefined;
}
