import { objectAt, textAt } from '../../../model/json.ts';
import { answerWith, type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import { isOnline, type LinstorContext } from './context.ts';
import { disklessPool } from './creating.ts';
import { missing, notFound } from './missing.ts';
import { applyModification, modificationOf, refuseBadProperty } from './modification.ts';
import { isPoolName } from './names.ts';
import { shapes } from './request-shapes.ts';
import { returnCode } from './ret-codes.ts';
import type { Route, RouteRequest } from './route.ts';
import { done, type Reply } from './satellites.ts';
import { findByName, type LinstorNode, sorted, type StoragePool } from './store.ts';
import { disklessPoolView, storagePoolView } from './views.ts';

const list = '/v1/nodes/{node}/storage-pools';
const one = `${list}/{pool}`;

export const poolRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: list,
    handle: (context, { path: { node: name = '' } }) => {
      const node = findByName(context.store.nodes, name);
      if (node === undefined) return messagesAnswer([missing('node', name, 'none', 'none')], context.wallNow);
      const pools = sorted(node.pools).map((pool) => storagePoolView(node, pool, context.wallNow));
      return answerWith([disklessPoolView(node, context.wallNow), ...pools]);
    },
  },
  {
    method: 'GET',
    pattern: one,
    handle: (context, { path: { node: name = '', pool: wanted = '' } }) => {
      const node = findByName(context.store.nodes, name);
      const pool = node === undefined ? undefined : findByName(node.pools, wanted);
      if (node !== undefined && wanted === disklessPool) return answerWith(disklessPoolView(node, context.wallNow));
      if (node !== undefined && pool !== undefined) return answerWith(storagePoolView(node, pool, context.wallNow));
      return notFound(310, `Storage pool '${wanted}' on node '${name}' not found.`, context.wallNow);
    },
  },
  { method: 'POST', pattern: list, accepts: shapes.storagePool, handle: createPool },
  { method: 'PUT', pattern: one, accepts: shapes.storagePoolModify, handle: modifyPool },
  { method: 'DELETE', pattern: one, handle: deletePool },
  {
    method: 'GET',
    pattern: '/v1/storage-pool-definitions',
    handle: (context) => answerWith([...poolNames(context)].map((name) => ({ storage_pool_name: name }))),
  },
  {
    method: 'GET',
    pattern: '/v1/storage-pool-definitions/{pool}',
    handle: (context, { path: { pool = '' } }) => {
      const name = [...poolNames(context)].find((each) => each.toLowerCase() === pool.toLowerCase());
      if (name !== undefined) return answerWith({ storage_pool_name: name });
      return notFound(309, `StoragePoolDefinition '${pool}' not found.`, context.wallNow);
    },
  },
];

/** `StorDriver/…`: the one of these that names the storage of a pool becomes `StorDriver/StorPoolName`. */
const storageKeys = ['StorDriver/StorPoolName', 'StorDriver/FileDir', 'StorDriver/LvmVg', 'StorDriver/ZPool'];

/** Providers that a satellite of the world has. */
const providers = ['DISKLESS', 'LVM', 'LVM_THIN', 'FILE', 'FILE_THIN'];
const otherProviders = ['ZFS', 'ZFS_THIN', 'SPDK', 'REMOTE_SPDK', 'EBS_INIT', 'EBS_TARGET', 'STORAGE_SPACES', 'EXOS'];

function poolNames(context: LinstorContext): Set<string> {
  const names = new Set<string>();
  for (const node of context.store.nodes.values()) for (const pool of node.pools.values()) names.add(pool.name);
  return new Set(['DfltStorPool', ...[...names].sort()]);
}

function replyFor(operation: Reply['operation'], node: string, pool: string): Reply {
  const refs = { StorPoolDfn: pool, Node: node };
  return { operation, object: 'storagePool', refs, details: `Node: ${node}, Storage pool name: ${pool}` };
}

function createPool(context: LinstorContext, { path: { node: name = '' }, body }: RouteRequest): LinstorAnswer {
  const poolName = textAt(body, 'storage_pool_name') ?? '';
  const provider = textAt(body, 'provider_kind') ?? '';
  if (![...providers, ...otherProviders].includes(provider)) {
    const message = `Given provider kind '${provider}' is invalid`;
    return {
      ...messagesAnswer([{ code: returnCode('error', 'none', 'none', 224), message }], context.wallNow),
      status: 400,
    };
  }
  const node = findByName(context.store.nodes, name);
  const reply = replyFor('create', node?.name ?? name, poolName);
  const refusal = refusePool(node, name, poolName, provider, reply);
  if (refusal !== undefined || node === undefined) {
    return messagesAnswer(refusal === undefined ? [] : [refusal], context.wallNow);
  }
  const given = objectAt(body, 'props');
  const storage = storageKeys.map((key) => given[key]).find((value) => typeof value === 'string') ?? poolName;
  const others = Object.entries(given).filter(([key]) => !key.startsWith('StorDriver/'));
  const change = modificationOf({
    override_props: { 'StorDriver/StorPoolName': storage, ...Object.fromEntries(others) },
  });
  const pool: StoragePool = {
    name: poolName,
    uuid: context.random.uuid(),
    provider,
    properties: new Map(),
    totalKib: 1_073_741_824,
    freeKib: 1_073_741_824,
  };
  const messages = applyModification(pool.properties, change, 'storagePool', reply.refs);
  node.pools.set(poolName.toLowerCase(), pool);
  const where = `Storage pool '${poolName}' on node '${node.name}'`;
  messages.push({
    code: returnCode('success', 'create', 'storagePool', 1),
    message: `New storage pool '${poolName}' on node '${node.name}' registered.`,
    details: `${where} UUID is: ${pool.uuid}`,
    refs: { UUID: pool.uuid, ...reply.refs },
  });
  messages.push(...applied(node, pool, reply));
  return messagesAnswer(messages, context.wallNow, 201);
}

function refusePool(
  node: LinstorNode | undefined,
  name: string,
  pool: string,
  provider: string,
  reply: Reply,
): Message | undefined {
  const { operation, object, refs } = reply;
  const code = (number: number): bigint => returnCode('error', operation, object, number);
  if (node === undefined) return missing('node', name, operation, object, undefined, refs);
  if (!isPoolName(pool)) return { code: code(208), message: `The given storage pool name '${pool}' is invalid.`, refs };
  if (!isOnline(node) || !providers.includes(provider)) {
    return { code: code(989), message: `The satellite does not support the device provider ${provider}`, refs };
  }
  if (!node.pools.has(pool.toLowerCase())) return undefined;
  return { code: code(510), message: `${reply.details} already exists.`, refs };
}

function modifyPool(
  context: LinstorContext,
  { path: { node: name = '', pool: wanted = '' }, body }: RouteRequest,
): LinstorAnswer {
  const node = findByName(context.store.nodes, name);
  const pool = node === undefined ? undefined : findByName(node.pools, wanted);
  const reply = replyFor('modify', node?.name ?? name, pool?.name ?? wanted);
  if (node === undefined || pool === undefined) {
    const what = node === undefined ? ('node' as const) : ('storage pool definition' as const);
    const entry = missing(what, node === undefined ? name : wanted, 'modify', 'storagePool', reply.details, reply.refs);
    return messagesAnswer([entry], context.wallNow);
  }
  const change = modificationOf(body);
  const fault = refuseBadProperty(change, 'storagePool', reply.details, reply.refs);
  if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
  const messages = applyModification(pool.properties, change, 'storagePool', reply.refs);
  const where = `Storage pool '${pool.name}' on node '${node.name}'`;
  const told = { details: `${where} UUID is: ${pool.uuid}`, refs: { UUID: pool.uuid, ...reply.refs } };
  messages.push({ ...done(`${where} modified.`, reply), ...told }, ...applied(node, pool, reply));
  return messagesAnswer(messages, context.wallNow);
}

function applied(node: LinstorNode, pool: StoragePool, reply: Reply): Message[] {
  if (!isOnline(node)) return [];
  return [
    done(`(${node.name}) Changes applied to storage pool '${pool.name}' of node '${node.name}'`, reply),
    done(`Storage pool updated on '${node.name}'`, reply),
  ];
}

function deletePool(
  context: LinstorContext,
  { path: { node: name = '', pool: wanted = '' } }: RouteRequest,
): LinstorAnswer {
  const node = findByName(context.store.nodes, name);
  const pool = node === undefined ? undefined : findByName(node.pools, wanted);
  const reply = replyFor('delete', node?.name ?? name, pool?.name ?? wanted);
  const { details, refs } = reply;
  if (wanted === disklessPool) {
    const code = returnCode('error', 'delete', 'storagePool', 208);
    const message = 'The default diskless storage pool cannot be deleted!';
    return messagesAnswer([{ code, message, details, refs }], context.wallNow);
  }
  if (node === undefined || pool === undefined) {
    const where = `storage pool '${wanted}' on node '${name}'`;
    const entry: Message = {
      code: returnCode('warn', 'delete', 'storagePool', 3000),
      message: `Deletion of ${where} had no effect.`,
      cause: `${where.charAt(0).toUpperCase()}${where.slice(1)} does not exist.`,
      details,
      refs,
    };
    return messagesAnswer([entry], context.wallNow);
  }
  const user = usersOf(context, node, pool);
  if (user.length > 0) return messagesAnswer([poolInUse(node, pool, user, reply)], context.wallNow);
  node.pools.delete(pool.name.toLowerCase());
  const entry: Message = {
    code: returnCode('success', 'delete', 'storagePool', 2),
    message: `${details} deleted.`,
    details: `${details} UUID was: ${pool.uuid}`,
    refs: { UUID: pool.uuid, ...refs },
  };
  return messagesAnswer([entry], context.wallNow);
}

function usersOf(context: LinstorContext, node: LinstorNode, pool: StoragePool): readonly string[] {
  const on = sorted(context.store.definitions).filter(({ resources }) => {
    const resource = resources.get(node.name.toLowerCase());
    return resource?.properties.get('StorPoolName')?.toLowerCase() === pool.name.toLowerCase();
  });
  return on.map((definition) => definition.name);
}

function poolInUse(node: LinstorNode, pool: StoragePool, users: readonly string[], { details, refs }: Reply): Message {
  return {
    code: returnCode('error', 'delete', 'storagePool', 997),
    message: `The specified storage pool '${pool.name}' on node '${node.name}' can not be deleted as volumes / snapshot-volumes are still using it.`,
    details: `Volumes / snapshot-volumes that are still using the storage pool: ${users.map((each) => `'${each}'`).join(', ')}\n${details}`,
    correction: 'Delete the listed volumes and snapshot-volumes first.',
    refs,
  };
}
