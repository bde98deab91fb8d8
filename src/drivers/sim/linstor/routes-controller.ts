import { answerWith, emptyAnswer, type LinstorAnswer, type Message, messagesAnswer, textAnswer } from './answer.ts';
import { isOnline, type LinstorContext } from './context.ts';
import { adjust } from './deployment.ts';
import {
  deprecations,
  type Modification,
  modificationOf,
  oldQuorumProperty,
  refuseBadProperty,
  touches,
} from './modification.ts';
import { autoTiebreakerProperty, quorumProperty } from './properties.ts';
import { finishQuorum, keepQuorum } from './quorum.ts';
import { hashSetOrder } from './java-hash.ts';
import { shapes } from './request-shapes.ts';
import type { Route, RouteRequest } from './route.ts';
import { returnCode } from './ret-codes.ts';
import { adjusted, type Reply } from './satellites.ts';
import { type ResourceDefinition, sorted } from './store.ts';
import { controllerConfigView } from './config-views.ts';
import { propertiesView } from './views.ts';

/** Version of the simulated controller and of its REST API. */
export const linstorVersion = {
  version: '1.34.0',
  git_hash: '3e9306a9d8215606544c64c50ced150625ee4926',
  build_time: '2026-06-02T12:45:56+02:00',
  rest_api_version: '1.28.0',
} as const;

const frontPage =
  '<html><title>Linstor REST server</title><body><a href="https://app.swaggerhub.com/apis-docs/Linstor/Linstor/1.28.0">API Documentation</a><p>You can install the UI by running <code>apt install linstor-gui</code> or <code>dnf install linstor-gui</code>.</p></body></html>';

export const controllerRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/', handle: () => textAnswer(frontPage) },
  { method: 'GET', pattern: '/health', handle: () => emptyAnswer() },
  { method: 'GET', pattern: '/v1/controller/version', handle: () => answerWith(linstorVersion) },
  { method: 'GET', pattern: '/v1/controller/config', handle: () => answerWith(controllerConfigView) },
  {
    method: 'GET',
    pattern: '/v1/controller/properties',
    handle: (context) => answerWith(propertiesView(context.store.properties)),
  },
  {
    method: 'POST',
    pattern: '/v1/controller/properties',
    accepts: shapes.controllerModify,
    handle: modifyProperties,
  },
  {
    method: 'DELETE',
    pattern: '/v1/controller/properties/{rest}',
    handle: (context, { path }) => {
      const key = path.rest ?? '';
      context.store.properties.delete(key);
      for (const definition of context.store.definitions.values()) adjust(context, definition);
      return messagesAnswer([deletedKey(key)], context.wallNow);
    },
  },
];

function modifyProperties(context: LinstorContext, { body }: RouteRequest): LinstorAnswer {
  const change = modificationOf(body);
  const fault = refuseBadProperty(change, 'controller', 'Controller', {});
  if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
  const { properties } = context.store;
  const messages = deprecations(change, { operation: 'modify', object: 'controller', refs: undefined });
  for (const [key, value] of Object.entries(change.override)) {
    // The old property is said to be set, and is not there afterwards.
    if (key !== oldQuorumProperty) properties.set(key, value);
    const message = `Successfully set property '${key}' to value '${value}'`;
    messages.push({ code: returnCode('success', 'create', 'controller', 1), message });
  }
  for (const key of hashSetOrder(change.deleted)) {
    properties.delete(key);
    messages.push(deletedKey(key));
  }
  for (const space of change.namespaces) {
    for (const key of Array.from(properties.keys())) if (key.startsWith(`${space}/`)) properties.delete(key);
  }
  if (Object.keys(change.override).length + change.deleted.length > 0) {
    messages.push(...toldToSatellites(context, change));
  }
  return messagesAnswer(messages, context.wallNow, 201);
}

function deletedKey(key: string): Message {
  const code = returnCode('success', 'delete', 'controller', 2);
  return { code, message: `Successfully deleted property '${key}'` };
}

/** Every satellite hears of it and adjusts DRBD. */
function toldToSatellites(context: LinstorContext, change: Modification): Message[] {
  const isAboutQuorum = touches(change, quorumProperty) || touches(change, autoTiebreakerProperty);
  const reply: Reply = { operation: 'modify', object: 'controller', refs: undefined, details: 'Controller' };
  const messages: Message[] = [];
  for (const definition of sorted(context.store.definitions)) {
    messages.push(...adjustedDefinition(context, definition, isAboutQuorum, reply));
  }
  for (const node of sorted(context.store.nodes)) {
    if (!isOnline(node)) continue;
    const message = `(${node.name}) Controller properties applied`;
    messages.push({ code: returnCode('info', 'modify', 'controller', 0), message });
  }
  return messages;
}

function adjustedDefinition(
  context: LinstorContext,
  definition: ResourceDefinition,
  isAboutQuorum: boolean,
  reply: Reply,
): Message[] {
  if (!isAboutQuorum || definition.resources.size === 0) {
    adjust(context, definition);
    return adjusted(context, definition, reply);
  }
  const quorum = keepQuorum(context, definition, reply);
  return [
    ...quorum.messages,
    ...adjusted(context, definition, reply),
    ...finishQuorum(context, definition, quorum, reply),
  ];
}
