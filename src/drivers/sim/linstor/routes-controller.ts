import { answerWith, emptyAnswer, type Message, messagesAnswer } from './answer.ts';
import { adjust, keepQuorum } from './deployment.ts';
import { modificationOf, refuseBadProperty } from './modification.ts';
import type { Route } from './route.ts';
import { returnCode } from './ret-codes.ts';
import { propertiesView } from './views.ts';

/** Version of the simulated controller and of its REST API. */
export const linstorVersion = {
  version: '1.34.0',
  git_hash: '3e9306a9d8215606544c64c50ced150625ee4926',
  build_time: '2026-06-02T12:45:56+02:00',
  rest_api_version: '1.28.0',
} as const;

export const controllerRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/health', handle: () => emptyAnswer() },
  { method: 'GET', pattern: '/v1/controller/version', handle: () => answerWith(linstorVersion) },
  {
    method: 'GET',
    pattern: '/v1/controller/properties',
    handle: (context) => answerWith(propertiesView(context.store.properties)),
  },
  {
    method: 'POST',
    pattern: '/v1/controller/properties',
    handle: (context, { body }) => {
      const change = modificationOf(body);
      const fault = refuseBadProperty(change, 'controller', 'Controller', {});
      if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
      const { properties } = context.store;
      const messages: Message[] = [];
      for (const [key, value] of Object.entries(change.override)) {
        properties.set(key, value);
        const message = `Successfully set property '${key}' to value '${value}'`;
        messages.push({ code: returnCode('success', 'create', 'controller', 1), message });
      }
      for (const key of change.deleted) {
        properties.delete(key);
        messages.push({
          code: returnCode('success', 'delete', 'controller', 2),
          message: `Successfully deleted property '${key}'`,
        });
      }
      for (const space of change.namespaces) {
        for (const key of Array.from(properties.keys())) if (key.startsWith(`${space}/`)) properties.delete(key);
      }
      for (const definition of context.store.definitions.values()) {
        messages.push(...keepQuorum(context, definition, 'modify', 'controller'));
        adjust(context, definition);
      }
      return messagesAnswer(messages, context.wallNow, 201);
    },
  },
  {
    method: 'DELETE',
    pattern: '/v1/controller/properties/{rest}',
    handle: (context, { path }) => {
      const key = path.rest ?? '';
      context.store.properties.delete(key);
      for (const definition of context.store.definitions.values()) adjust(context, definition);
      const message = `Successfully deleted property '${key}'`;
      return messagesAnswer([{ code: returnCode('success', 'delete', 'controller', 2), message }], context.wallNow);
    },
  },
];
