import type { Json } from '../../../model/json.ts';
import { answerWith, messagesAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { missing } from './missing.ts';
import type { Route } from './route.ts';
import { findByName, sorted } from './store.ts';

/** What `/v1/stats/…` counts. Every node has a pool for diskless replicas. */
const counts: Readonly<Record<string, (context: LinstorContext) => number>> = {
  nodes: ({ store }) => store.nodes.size,
  'storage-pools': ({ store }) => sorted(store.nodes).reduce((sum, node) => sum + 1 + node.pools.size, 0),
  'resource-groups': ({ store }) => store.groups.size,
  'resource-definitions': ({ store }) => store.definitions.size,
  resources: ({ store }) => sorted(store.definitions).reduce((sum, { resources }) => sum + resources.size, 0),
  'error-reports': () => 0,
};

/** Subjects that the world keeps nothing of, as a controller answers that has none of them. */
const nothing: Readonly<Record<string, Json>> = {
  '/v1/schedules': {},
  '/v1/files': [],
  '/v1/physical-storage': [],
  '/v1/view/backup/queue': {},
  '/v1/view/snapshot-shippings': [],
  '/v1/space-report': { reportText: 'The SpaceTracking service is not installed.' },
  '/v1/encryption/passphrase': { status: 'unset' },
  '/v1/remotes': {
    linstor_remotes: [{ remote_name: 'local-remote-generated-by-linstor', url: 'http://localhost:3370' }],
  },
};

export const statisticsRoutes: readonly Route[] = [
  ...Object.entries(counts).map(
    ([subject, count]): Route => ({
      method: 'GET',
      pattern: `/v1/stats/${subject}`,
      handle: (context) => answerWith({ count: count(context) }),
    }),
  ),
  ...Object.entries(nothing).map(
    ([pattern, body]): Route => ({ method: 'GET', pattern, handle: () => answerWith(body) }),
  ),
  {
    method: 'GET',
    pattern: '/v1/view/schedules-by-resource',
    handle: ({ store }) =>
      answerWith({ data: sorted(store.definitions).map(({ name }) => ({ rsc_name: name, ...noSchedule })) }),
  },
  {
    method: 'GET',
    pattern: '/v1/physical-storage/{node}',
    handle: ({ store, wallNow }, { path: { node = '' } }) =>
      findByName(store.nodes, node) === undefined
        ? messagesAnswer([missing('node', node, 'none', 'none')], wallNow)
        : answerWith([]),
  },
  {
    method: 'GET',
    pattern: '/v1/error-reports/{id}',
    handle: () => answerWith([]),
  },
];

const noSchedule = {
  reason: 'none set',
  last_snap_time: -1,
  last_snap_inc: false,
  next_exec_time: -1,
  next_exec_inc: false,
  next_planned_full: -1,
  next_planned_inc: -1,
} as const;
