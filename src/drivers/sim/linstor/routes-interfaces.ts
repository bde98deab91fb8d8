import { answerWith, type LinstorAnswer, messagesAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { missing, notFound } from './missing.ts';
import { shapes } from './request-shapes.ts';
import { returnCode } from './ret-codes.ts';
import type { Route, RouteRequest } from './route.ts';
import { interfaceFrom, withNode } from './routes-nodes.ts';
import { findByName, type LinstorNode } from './store.ts';
import { interfaceView } from './views.ts';

const list = '/v1/nodes/{node}/net-interfaces';

export const interfaceRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: list,
    handle: (context, request) =>
      withNode(context, request, (node) =>
        answerWith(node.interfaces.map((each, index) => interfaceView(each, index === 0))),
      ),
  },
  {
    method: 'GET',
    pattern: `${list}/{name}`,
    handle: (context, request) =>
      withNode(context, request, (node) => {
        const { name = '' } = request.path;
        const index = node.interfaces.findIndex((each) => sameName(each.name, name));
        const found = node.interfaces[index];
        if (found !== undefined) return answerWith(interfaceView(found, index === 0));
        return notFound(305, `Netinterface '${name}' not found.`, context.wallNow);
      }),
  },
  {
    method: 'POST',
    pattern: list,
    accepts: shapes.netInterface,
    handle: (context, request) =>
      withOwner(context, request, 'create', (node) => {
        const added = interfaceFrom(context, request.body);
        const where = `'${added.name}' on node '${node.name}'`;
        node.interfaces = [...node.interfaces.filter((each) => !sameName(each.name, added.name)), added];
        const message = `New netInterface ${where} registered.`;
        const details = `NetInterface ${where} UUID is: ${added.uuid}`;
        const code = returnCode('success', 'create', 'netInterface', 1);
        const entry = { code, message, details, refs: { UUID: added.uuid, Node: node.name } };
        return messagesAnswer([entry], context.wallNow, 201);
      }),
  },
  {
    method: 'PUT',
    pattern: `${list}/{name}`,
    accepts: shapes.netInterface,
    handle: (context, request) =>
      withOwner(context, request, 'modify', (node) => {
        const { name = '' } = request.path;
        const former = node.interfaces.find((each) => sameName(each.name, name));
        if (former === undefined) return notFound(305, `Netinterface '${name}' not found.`, context.wallNow);
        const changed = { ...interfaceFrom(context, request.body), name: former.name, uuid: former.uuid };
        node.interfaces = node.interfaces.map((each) => (each === former ? changed : each));
        const where = `'${former.name}' on node '${node.name}'`;
        const message = `NetInterface ${where} modified.`;
        const details = `NetInterface ${where} UUID is: ${former.uuid}`;
        const code = returnCode('success', 'modify', 'netInterface', 3);
        return messagesAnswer(
          [{ code, message, details, refs: { UUID: former.uuid, Node: node.name } }],
          context.wallNow,
        );
      }),
  },
  {
    method: 'DELETE',
    pattern: `${list}/{name}`,
    handle: (context, request) =>
      withOwner(context, request, 'delete', (node) => {
        const { name = '' } = request.path;
        const gone = node.interfaces.find((each) => sameName(each.name, name));
        if (gone === undefined) return notFound(305, `Netinterface '${name}' not found.`, context.wallNow);
        node.interfaces = node.interfaces.filter((each) => each !== gone);
        const where = `'${gone.name}' on node '${node.name}'`;
        const message = `NetInterface ${where} deleted.`;
        const details = `NetInterface ${where} UUID was: ${gone.uuid}`;
        const code = returnCode('success', 'delete', 'netInterface', 2);
        return messagesAnswer(
          [{ code, message, details, refs: { UUID: gone.uuid, Node: node.name } }],
          context.wallNow,
        );
      }),
  },
];

function withOwner(
  context: LinstorContext,
  { path: { node: name = '' } }: RouteRequest,
  operation: 'create' | 'modify' | 'delete',
  then: (node: LinstorNode) => LinstorAnswer,
): LinstorAnswer {
  const node = findByName(context.store.nodes, name);
  if (node !== undefined) return then(node);
  const entry = missing('node', name, operation, 'netInterface', `Node: ${name}`, { Node: name });
  return messagesAnswer([entry], context.wallNow);
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
