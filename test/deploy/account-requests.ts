import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import {
  followedByFailoverController,
  followedForOperations,
  followedTypes,
} from '../../src/controllers/followed-types.ts';
import { runTape } from '../../src/drills/run.ts';
import { tapeOfScenario } from '../../src/drills/scenario.ts';
import { parseScenario } from '../../src/drills/scenario-file.ts';
import { discoverLinstor } from '../../src/drivers/real/linstor-discovery.ts';
import { groupResourceOf, type ResourceType, resources } from '../../src/model/kube.ts';
import type { ApiRequest, KubeRequest } from '../../src/model/request.ts';
import { defaultStorageBackend } from '../../src/model/storage-backend.ts';
import { groupControllerName } from '../../src/runtime/group-schedule.ts';
import { failoverControllerName } from '../../src/runtime/operation-schedule.ts';
import { productMachines } from '../../src/twin/machines.ts';
import { definitions } from '../drills/definitions.ts';
import { playPeople } from './people-requests.ts';
import { desk, type Hear, hearHosts, permissionsOf, playJourneys } from './scenario-requests.ts';

/** Follows the objects of a type. */
export interface WatchRequest {
  readonly api: 'watch';
  readonly resource: ResourceType;
}

/** A request, and the account that sends it to the cluster whose request it is. */
export interface AccountRequest {
  readonly account: string;
  readonly request: ApiRequest | WatchRequest;
}

const peer = 'site-recovery-peer';
const scenarios = join(import.meta.dirname, '../../scenarios');
const storages = [defaultStorageBackend, 'drbd-operator'] as const;

/**
 * What every account of the product asks of a cluster in every scenario file, in what both controllers do besides (history, heartbeats,
 * watches, Events, elections), and in the commands of people; what an authorizer cannot tell apart once.
 */
export async function requestsOfAccounts(): Promise<readonly AccountRequest[]> {
  const collected = new Map<string, AccountRequest>();
  const add = (account: string, request: AccountRequest['request']): void => {
    const key = `${account} ${keyOf(request)}`;
    if (!collected.has(key)) collected.set(key, { account, request });
  };
  const hear: Hear = (sender, request, cluster) => {
    const controller = sender === desk ? 'operator' : sender;
    const isElsewhere = cluster !== undefined && 'site' in request && request.site !== cluster;
    add(isElsewhere ? peer : controller, request);
    // LINSTOR may be on either side.
    if (request.api === 'linstor' && cluster !== undefined) add(peer, request);
  };
  for (const file of readdirSync(scenarios, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.yaml')) continue;
    playScenario(join(scenarios, file), hear);
    await pause();
  }
  playJourneys(hear);
  playJourneys(hear, { operator: { policy: { quorum: 'majority' } } });
  await playPeople((request, isLook) => {
    add('operator', request);
    if (isLook) add('viewer', request);
  });
  for (const account of [groupControllerName, failoverControllerName, peer, 'operator', 'viewer'])
    for (const request of await requestsOfDiscovery()) add(account, request);
  for (const { account, request } of requestsOfProcesses()) add(account, request);
  return [...collected.values()];
}

/** Each permission that a request needs, with the name of what it is about where it has one. */
export function needsOf(request: AccountRequest['request']): readonly { permission: string; name?: string }[] {
  if (request.api === 'watch') return [{ permission: `watch ${groupResourceOf(request.resource)}` }];
  const name = nameOf(request);
  return permissionsOf(request).map((permission) => (name === undefined ? { permission } : { permission, name }));
}

function nameOf(request: ApiRequest): string | undefined {
  if (request.api === 'linstor') return 'linstor-controller:3370';
  return request.api === 'exec' ? request.pod : request.name;
}

function keyOf(request: AccountRequest['request']): string {
  const namespace = 'namespace' in request ? request.namespace : undefined;
  return JSON.stringify([needsOf(request), namespace]);
}

function playScenario(path: string, hear: Hear): void {
  const parsed = parseScenario(parse(readFileSync(path, 'utf8')));
  if (parsed.kind === 'problems') throw new Error(`${path}: ${parsed.problems.join('; ')}`);
  runTape(tapeOfScenario(parsed.scenario), definitions, productMachines, [], ({ twin }) => {
    hearHosts(twin, hear);
    return () => false;
  });
}

/** How LINSTOR is looked for on a cluster where it is in no way to be found. */
async function requestsOfDiscovery(): Promise<readonly ApiRequest[]> {
  const sent: ApiRequest[] = [{ api: 'linstor', method: 'GET', path: '/v1/controller/version' }];
  await discoverLinstor({
    sites: [{ name: 'cluster1', role: 'primary' }],
    perform: async (request) => {
      sent.push(request);
      return { kind: 'refused', status: 404, reason: 'NotFound', message: 'there is none' };
    },
    probe: async () => ({ kind: 'refused', status: 404, reason: 'NotFound', message: 'there is none' }),
  });
  return sent;
}

/** What the controllers' processes ask for around their machines. */
function requestsOfProcesses(): readonly AccountRequest[] {
  const follow = (account: string, types: readonly { readonly resource: ResourceType }[]): readonly AccountRequest[] =>
    types.flatMap(({ resource }) => [
      { account, request: { api: 'kube', site: 'cluster1', verb: 'list', resource } },
      { account, request: { api: 'watch', resource } },
    ]);
  const operations = [...followedByFailoverController, ...followedForOperations];
  const followed = storages.flatMap((storage) => [
    ...follow(groupControllerName, followedTypes(storage).own),
    ...follow(peer, followedTypes(storage).peers),
  ]);
  const about = { api: 'kube', site: 'cluster1', namespace: 'default' } as const;
  const around = [groupControllerName, failoverControllerName].flatMap((account) =>
    [resources.event, resources.lease].flatMap((resource): readonly AccountRequest[] => {
      const object: KubeRequest = { ...about, verb: 'get', resource, name: account };
      const change: KubeRequest = { ...object, verb: 'patch', patch: 'merge', body: {} };
      const create: KubeRequest = { ...about, verb: 'create', resource, body: { metadata: { name: account } } };
      const sent = resource === resources.lease ? [object, create, change] : [create, change];
      return sent.map((request) => ({ account, request }));
    }),
  );
  return [
    ...followed,
    ...follow(failoverControllerName, operations),
    ...follow(peer, followedForOperations),
    ...around,
  ];
}
