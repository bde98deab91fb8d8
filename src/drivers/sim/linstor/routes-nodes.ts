import { answerWith, messagesAnswer } from './answer.ts';
import { isOnline } from './context.ts';
import { missing, notFound } from './missing.ts';
import { applyModification, modificationOf, refuseBadProperty } from './modification.ts';
import { hasProperties, isName, namesOf, pageOf } from './paging.ts';
import type { Route } from './route.ts';
import { returnCode } from './ret-codes.ts';
import { findByName, sorted } from './store.ts';
import { nodeView, storagePoolView } from './views.ts';

export const nodeRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/v1/nodes',
    handle: (context, { query }) => {
      const bad = (query.nodes ?? []).find((name) => !isName(name));
      if (bad !== undefined) {
        const message = `The given node name '${bad}' is invalid.`;
        return messagesAnswer([{ code: returnCode('error', 'none', 'none', 200), message }], context.wallNow);
      }
      const names = namesOf(query.nodes);
      const nodes = sorted(context.store.nodes).filter(
        (node) =>
          (names === undefined || names.has(node.name.toLowerCase())) && hasProperties(node.properties, query.props),
      );
      return answerWith(pageOf(nodes, query).map(nodeView));
    },
  },
  {
    method: 'GET',
    pattern: '/v1/nodes/{node}',
    handle: (context, { path: { node: name = '' } }) => {
      const node = findByName(context.store.nodes, name);
      return node === undefined
        ? notFound(300, `Node '${name}' not found.`, context.wallNow)
        : answerWith(nodeView(node));
    },
  },
  {
    method: 'PUT',
    pattern: '/v1/nodes/{node}',
    handle: (context, { path: { node: name = '' }, body }) => {
      const node = findByName(context.store.nodes, name);
      const refs = { Node: node?.name ?? name };
      const details = `Node: ${refs.Node}`;
      if (node === undefined)
        return messagesAnswer([missing('node', name, 'modify', 'node', details, refs)], context.wallNow);
      const change = modificationOf(body);
      const fault = refuseBadProperty(change, 'node', details, refs);
      if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
      const messages = applyModification(node.properties, change, 'node', refs);
      messages.push({
        code: returnCode('success', 'modify', 'node', 3),
        message: `Node '${node.name}' modified.`,
        details: `Node '${node.name}' UUID is: ${node.uuid}`,
        refs: { UUID: node.uuid, Node: node.name },
      });
      if (isOnline(node)) {
        const message = `(${node.name}) Node changes applied.`;
        messages.push({ code: returnCode('success', 'modify', 'node', 3), message, refs });
      }
      return messagesAnswer(messages, context.wallNow);
    },
  },
  {
    method: 'GET',
    pattern: '/v1/nodes/{node}/net-interfaces',
    handle: (context, { path: { node: name = '' } }) => {
      const node = findByName(context.store.nodes, name);
      if (node === undefined) return notFound(300, `Node '${name}' not found.`, context.wallNow);
      return answerWith(nodeView(node).net_interfaces ?? []);
    },
  },
  {
    method: 'GET',
    pattern: '/v1/nodes/{node}/storage-pools',
    handle: (context, { path: { node: name = '' } }) => {
      const node = findByName(context.store.nodes, name);
      if (node === undefined) return notFound(300, `Node '${name}' not found.`, context.wallNow);
      return answerWith(sorted(node.pools).map((pool) => storagePoolView(node, pool)));
    },
  },
];
