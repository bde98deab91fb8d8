import { answerWith, type LinstorAnswer, messagesAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { missing, missingResource, notFound } from './missing.ts';
import { applyModification, modificationOf, refuseBadProperty } from './modification.ts';
import { shapes } from './request-shapes.ts';
import type { Route, RouteRequest } from './route.ts';
import { deleteResource } from './routes-deletion.ts';
import { noAnswerFrom } from './routes-views.ts';
import { adjusted, answerOfSatellites, done, type Reply } from './satellites.ts';
import { findByName, type LinstorResource, type ResourceDefinition, sorted } from './store.ts';
import { resourceView, volumesView } from './views.ts';

const list = '/v1/resource-definitions/{rd}/resources';

export const resourceRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: list,
    handle: (context, { path: { rd = '' } }) => {
      const definition = findByName(context.store.definitions, rd);
      if (definition === undefined)
        return messagesAnswer([missing('resource definition', rd, 'none', 'none')], context.wallNow);
      return answerWith(sorted(definition.resources).map((each) => resourceView(definition, each)));
    },
  },
  {
    method: 'GET',
    pattern: `${list}/{node}`,
    handle: (context, request) =>
      withResource(context, request, (definition, each) => answerWith(resourceView(definition, each))),
  },
  {
    method: 'GET',
    pattern: `${list}/{node}/volumes`,
    handle: (context, request) =>
      withResource(context, request, (definition, each) => {
        const node = findByName(context.store.nodes, each.node);
        if (node?.connection === 'silent') return noAnswerFrom(context, node);
        return answerWith(volumesView(definition, each));
      }),
  },
  {
    method: 'GET',
    pattern: `${list}/{node}/volumes/{number}`,
    handle: (context, request) =>
      withResource(context, request, (definition, each) => {
        const { number = '' } = request.path;
        const volume = volumesView(definition, each).find((view) => view.volume_number === Number(number));
        if (volume !== undefined) return answerWith(volume);
        return notFound(
          304,
          `Volume '${number}' of resource '${definition.name}' on '${each.node}' not found.`,
          context.wallNow,
        );
      }),
  },
  { method: 'PUT', pattern: `${list}/{node}`, accepts: shapes.resourceModify, handle: modifyResource },
  { method: 'DELETE', pattern: `${list}/{node}`, handle: deleteResource },
];

function modifyResource(context: LinstorContext, { path: { rd = '', node = '' }, body }: RouteRequest): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const resource = definition?.resources.get(node.toLowerCase());
  if (definition === undefined || resource === undefined) {
    return messagesAnswer([missingResource(rd, node, 'modify')], context.wallNow);
  }
  const refs = { RscDfn: definition.name, Node: resource.node };
  const details = `Node: ${resource.node}, Resource: ${definition.name}`;
  const change = modificationOf(body);
  const fault = refuseBadProperty(change, 'resource', details, refs);
  if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
  const reply: Reply = { operation: 'modify', object: 'resource', refs, details };
  const messages = applyModification(resource.properties, change, 'resource', refs);
  const where = `Resource '${definition.name}' on node '${resource.node}'`;
  const named = { details: `${where} UUID is: ${resource.uuid}`, refs: { UUID: resource.uuid, ...refs } };
  messages.push({ ...done(`${where} modified.`, reply), ...named }, ...adjusted(context, definition, reply));
  if (
    Object.keys(change.override)
      .concat(change.deleted)
      .some((key) => key.startsWith('DrbdOptions/'))
  ) {
    const told = ({ node: peer }: LinstorResource): string =>
      `Updated Resource definition '${definition.name}' on '${peer}'`;
    messages.push(...adjusted(context, definition, reply, told));
  }
  const subject = `Modification of resource '${definition.name}' on node '${resource.node}'`;
  return answerOfSatellites(context, definition, messages, { ...reply, subject, success: 200 });
}

function withResource(
  context: LinstorContext,
  request: RouteRequest,
  then: (definition: ResourceDefinition, resource: LinstorResource) => LinstorAnswer,
): LinstorAnswer {
  const { rd = '', node = '' } = request.path;
  const definition = findByName(context.store.definitions, rd);
  const resource = definition?.resources.get(node.toLowerCase());
  if (definition !== undefined && resource !== undefined) return then(definition, resource);
  return notFound(302, `Resource '${rd}' on '${node}' not found.`, context.wallNow);
}
