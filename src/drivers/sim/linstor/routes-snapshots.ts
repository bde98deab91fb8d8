import { listAt, textAt } from '../../../model/json.ts';
import { answerWith, type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { missing, missingResource, notFound } from './missing.ts';
import { nameFault } from './names.ts';
import { namesOf, pageOf } from './paging.ts';
import { shapes } from './request-shapes.ts';
import { returnCode } from './ret-codes.ts';
import type { Route, RouteRequest } from './route.ts';
import { answerOfSatellites, type Reply } from './satellites.ts';
import { deleteSnapshot, refuseSnapshot, snapshotView, takeSnapshot } from './snapshots.ts';
import { findByName, type LinstorResource, sorted } from './store.ts';

const list = '/v1/resource-definitions/{rd}/snapshots';

export const snapshotRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/v1/view/snapshots',
    handle: ({ store }, { query }) => {
      const names = namesOf(query.resources);
      const nodes = namesOf(query.nodes);
      const found = sorted(store.definitions)
        .filter((each) => names === undefined || names.has(each.name.toLowerCase()))
        .flatMap((each) => sorted(each.snapshots))
        .filter(({ copies }) => nodes === undefined || copies.some((each) => nodes.has(each.node.toLowerCase())));
      return answerWith(pageOf(found, query).map(snapshotView));
    },
  },
  {
    method: 'GET',
    pattern: list,
    handle: ({ store }, { path: { rd = '' }, query }) =>
      answerWith(pageOf(sorted(findByName(store.definitions, rd)?.snapshots ?? new Map()), query).map(snapshotView)),
  },
  {
    method: 'GET',
    pattern: `${list}/{snapshot}`,
    handle: ({ store, wallNow }, { path: { rd = '', snapshot = '' } }) => {
      const found = findByName(findByName(store.definitions, rd)?.snapshots ?? new Map(), snapshot);
      return found === undefined
        ? notFound(315, `Snapshot '${snapshot}' not found.`, wallNow)
        : answerWith(snapshotView(found));
    },
  },
  { method: 'POST', pattern: list, accepts: shapes.snapshot, handle: create },
  { method: 'DELETE', pattern: `${list}/{snapshot}`, handle: remove },
];

function create(context: LinstorContext, { path: { rd = '' }, body }: RouteRequest): LinstorAnswer {
  const name = textAt(body, 'name') ?? '';
  const nodes = listAt(body, 'nodes').map(String);
  const definition = findByName(context.store.definitions, rd);
  const refs = { RscDfn: definition?.name ?? rd, Snapshot: name };
  const on = nodes.length === 0 ? '' : `Nodes: ${nodes.join(', ')}; `;
  const reply: Reply = {
    operation: 'create',
    object: 'snapshot',
    refs,
    details: `${on}Resource: ${refs.RscDfn}, Snapshot: ${name}`,
  };
  const refuse = (entry: Message): LinstorAnswer => messagesAnswer([entry], context.wallNow);
  const error = (code: number, message: string, cause: string): LinstorAnswer =>
    refuse({
      code: returnCode('error', 'create', 'snapshot', code),
      message,
      cause,
      details: reply.details,
      refs,
    });
  if (definition === undefined)
    return refuse(missing('resource definition', rd, 'create', 'snapshot', reply.details, refs));
  const fault = nameFault(name);
  if (fault !== undefined) return error(218, `The given snapshot name '${name}' is invalid.`, fault);
  if (definition.snapshots.has(name.toLowerCase())) {
    const message = `A snapshot definition with the name '${name}' already exists in resource definition '${definition.name}'.`;
    return error(514, message, 'The SnapshotDefinition already exists');
  }
  const chosen: LinstorResource[] = [];
  for (const node of nodes) {
    if (findByName(context.store.nodes, node) === undefined) {
      return refuse(missing('node', node, 'create', 'snapshot', reply.details, refs));
    }
    const replica = definition.resources.get(node.toLowerCase());
    if (replica === undefined) return refuse(missingResource(rd, node, 'create'));
    chosen.push(replica);
  }
  const refusal = refuseSnapshot(context, definition, chosen, reply);
  if (refusal !== undefined) return refuse(refusal);
  const where = nodes.length === 0 ? '' : ` on nodes '${nodes.join(', ')}'`;
  const subject = `snapshot '${name}' of resource '${definition.name}'${where}`;
  const messages = takeSnapshot(context, definition, name, chosen, subject, reply);
  return answerOfSatellites(context, definition, messages, {
    ...reply,
    subject: `Registration of ${subject}`,
    success: 201,
  });
}

function remove(context: LinstorContext, { path: { rd = '', snapshot = '' }, query }: RouteRequest): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const found = findByName(definition?.snapshots ?? new Map(), snapshot);
  const refs = { RscDfn: definition?.name ?? rd, Snapshot: found?.name ?? snapshot };
  const details = `Resource: ${refs.RscDfn}, Snapshot: ${refs.Snapshot}`;
  if (definition === undefined || found === undefined) {
    const code = returnCode('warn', 'delete', 'snapshot', 3000);
    const message = `Snapshot definition ${snapshot} of resource ${rd} not found.`;
    return messagesAnswer([{ code, message, details, refs }], context.wallNow);
  }
  const reply: Reply = { operation: 'delete', object: 'snapshot', refs, details };
  return messagesAnswer(deleteSnapshot(context, definition, found, namesOf(query.nodes), reply), context.wallNow);
}
