import { DrbdKernel } from '../../../src/drivers/sim/drbd/kernel.ts';
import type { LinstorAnswer } from '../../../src/drivers/sim/linstor/answer.ts';
import { LinstorController } from '../../../src/drivers/sim/linstor/controller.ts';
import { findByName, type PeerReport, type Report } from '../../../src/drivers/sim/linstor/store.ts';
import { Clock } from '../../drivers/sim/drbd/drbd-lab.ts';
import { isObject } from '../difference.ts';
import type { Exchange } from './exchange.ts';
import { jsonOf } from './exchange.ts';
import { objectsIn, type Rig } from './rig.ts';

type Fields = Readonly<Record<string, unknown>>;

type Sent = Pick<Exchange, 'method' | 'path' | 'body' | 'headers'> & { readonly name?: string };

function keyOf(definition: string, node: string): string {
  return `${definition}|${node}`.toLowerCase();
}

function replaceAll(properties: Map<string, string>, wanted: Readonly<Record<string, unknown>>): void {
  properties.clear();
  for (const [key, value] of Object.entries(wanted)) properties.set(key, String(value));
}

/** A LINSTOR controller with what a recording's rig had before its first step; what DRBD did there is dictated from outside. */
export class LinstorStage {
  readonly clock = new Clock();
  readonly kernel: DrbdKernel;
  readonly linstor: LinstorController;
  /** What the rig's DRBD was made to report, by definition and node: it was played when LINSTOR was recorded. */
  readonly #dictated = new Map<string, Report>();
  readonly #vanished: ReadonlyMap<string, number>;

  constructor(rig: Rig) {
    this.#vanished = rig.vanished();
    this.kernel = new DrbdKernel(this.clock, this.clock.random.stream('drbd'));
    this.linstor = new LinstorController({
      scheduler: this.clock,
      kernel: this.kernel,
      random: this.clock.random.stream('linstor'),
      wallNow: () => 1_767_225_600_000 + this.clock.now,
      properties: rig.controllerProperties(),
      satelliteAt: (node) => rig.satelliteAt(node),
      told: (definition, node, own) => this.#dictated.get(keyOf(definition, node)) ?? own,
    });
    this.clock.handlers.set('drbd', (event) => this.kernel.handle(event));
    this.clock.handlers.set('linstor', (event) => this.linstor.handle(event));
    for (const { name, properties, pools, layers } of rig.nodes()) {
      const names = pools.map((pool) => pool.name);
      this.linstor.addNode({ name, site: properties['Aux/site'] ?? '', address: '127.0.0.1', pools: names, layers });
      const node = findByName(this.linstor.store.nodes, name)!;
      replaceAll(node.properties, properties);
      for (const pool of pools) replaceAll(findByName(node.pools, pool.name)!.properties, pool.properties);
    }
    for (const group of rig.groups()) this.#installGroup(group, rig);
    for (const definition of rig.definitions()) this.#installDefinition(definition, rig);
    for (const { name, online } of rig.nodes()) if (!online) this.linstor.satelliteLost(name, { silent: false });
    this.clock.pass(60_000);
  }

  /** Sends a request as it was recorded, headers and all. */
  send({ method, path, body = '', headers = {}, name = '' }: Sent): LinstorAnswer {
    const url = new URL(path, 'http://localhost');
    const query: Record<string, readonly string[]> = {};
    for (const name of new Set(url.searchParams.keys())) query[name] = url.searchParams.getAll(name);
    // A path with two slashes is no URL of its own.
    const plain = path.startsWith('//') ? path : url.pathname;
    return this.linstor.request({ method, path: plain, query, text: body, headers: this.#withToken(headers, name) });
  }

  /** Tokens were taken out of the recordings: it is the first that everybody may use, or the one for another address. */
  #withToken(headers: Readonly<Record<string, string>>, step: string): Readonly<Record<string, string>> {
    const { authorization } = headers;
    if (authorization === undefined || !authorization.includes('<token>')) return headers;
    const tokens = [...this.linstor.store.auth.tokens.values()].filter((each) => each.isUserToken);
    const isFiltered = step.includes('ip-filtered');
    const secret = tokens.find((each) => (each.ipFilter !== undefined) === isFiltered)?.secret ?? '';
    return { ...headers, authorization: authorization.replace('<token>', secret) };
  }

  request(method: string, path: string, body?: string): LinstorAnswer {
    return this.send({ method, path, body });
  }

  /** What somebody has done to the rig before a step without a request that was recorded. */
  catchUp({ method, path, status, answer }: Exchange, index: number): void {
    for (const [name, last] of this.#vanished) if (last < index) this.#remove(name);
    // A group that could be deleted had no members any more.
    const group =
      method === 'DELETE' && status === 200 ? /^\/v1\/resource-groups\/([^/]+)$/.exec(path)?.[1] : undefined;
    for (const each of Array.from(this.linstor.store.definitions.values())) {
      if (each.group === group) this.#remove(each.name);
    }
    // How full the rig's disks were shows in where LINSTOR placed.
    const placed = /Used nodes \(storage pool name\): ([^"]+)/.exec(answer)?.[1];
    if (placed === undefined) return;
    for (const node of this.linstor.store.nodes.values()) {
      for (const pool of node.pools.values()) {
        pool.freeKib = placed.includes(`'${node.name} (${pool.name})'`) ? pool.totalKib : pool.totalKib / 2;
      }
    }
  }

  #remove(name: string): void {
    const { definitions } = this.linstor.store;
    const definition = findByName(definitions, name);
    if (definition === undefined) return;
    for (const { node } of definition.resources.values()) this.kernel.removeReplica(definition.name, node);
    definitions.delete(name.toLowerCase());
    // Any change makes the controller forget what it has answered before.
    this.request('DELETE', '/v1/key-value-store/none');
  }

  /** What the step's surroundings were when it was recorded: satellites that are gone, and what DRBD was made to report. */
  adopt(exchange: Exchange): void {
    if (exchange.method !== 'GET') return;
    const shown = jsonOf(exchange.answer);
    let changed = false;
    for (const node of objectsIn(shown, (each) => 'connection_status' in each && 'name' in each)) {
      changed = this.#setOnline(String(node.name), node.connection_status === 'ONLINE') || changed;
    }
    this.#settle(this.adoptReplicas(exchange) || changed);
  }

  /** What DRBD was made to report of the replicas in an answer. True where a satellite came or went. */
  adoptReplicas({ method, path, answer }: Exchange): boolean {
    if (method !== 'GET' || !/\/resources(\/|\?|$)/.test(path)) return false;
    const replicas = objectsIn(jsonOf(answer), (each) => 'node_name' in each && 'layer_object' in each);
    return replicas.map((replica) => this.#adoptReplica(replica)).includes(true);
  }

  /** The volume of a definition is not always recorded; an answer that registers its replicas tells that it was there. */
  addMissingVolume({ method, path, answer }: Exchange): void {
    const name = /^\/v1\/resource-definitions\/([^/]+)\/(resources|autoplace)/.exec(path)?.[1];
    const definition = name === undefined ? undefined : findByName(this.linstor.store.definitions, name);
    if (method !== 'POST' || definition === undefined || definition.volumes.size > 0) return;
    if (!/Volume with number '0' on resource|\[DRBD\] adjusted|autoplaced on/.test(answer)) return;
    const target = `/v1/resource-definitions/${definition.name}/volume-definitions`;
    this.request('POST', target, '{"volume_definition":{"size_kib":20480}}');
  }

  #adoptReplica(replica: Fields): boolean {
    const [definition, node] = [String(replica.name), String(replica.node_name)];
    const flags = Array.isArray(replica.flags) ? (replica.flags as readonly unknown[]) : [];
    // A replica that is switched off or destroyed tells nothing of its satellite.
    const isTold = !flags.includes('INACTIVE') && !flags.includes('DELETE');
    const changed = isTold && this.#setOnline(node, 'state' in replica);
    const key = keyOf(definition, node);
    const report = reportOf(replica, this.#dictated.get(key)?.disk);
    if (report === undefined) this.#dictated.delete(key);
    else this.#dictated.set(key, report);
    this.linstor.handle({ at: this.clock.now, id: 0, kind: 'linstor.report', key: `${definition}|${node}` });
    return changed;
  }

  #setOnline(name: string, online: boolean): boolean {
    const node = findByName(this.linstor.store.nodes, name);
    if (node === undefined || (node.connection !== 'OFFLINE') === online) return false;
    if (online) this.linstor.satelliteBack(name);
    else this.linstor.satelliteLost(name, { silent: false });
    return true;
  }

  #settle(changed: boolean): void {
    this.clock.pass(changed ? 20_000 : 1500);
  }

  #installGroup(group: Fields, rig: Rig): void {
    const { name, description, select_filter, props } = group;
    const body = { name, select_filter, ...(description === undefined ? {} : { description }) };
    this.request('POST', '/v1/resource-groups', JSON.stringify(body));
    if (rig.hasVolumeGroups(String(name)))
      this.request('POST', `/v1/resource-groups/${String(name)}/volume-groups`, '{}');
    const stored = findByName(this.linstor.store.groups, String(name));
    for (const [key, value] of Object.entries(isObject(props) ? props : {})) stored?.properties.set(key, String(value));
  }

  #installDefinition(shown: Fields, rig: Rig): void {
    const name = String(shown.name);
    const group =
      typeof shown.resource_group_name === 'string' ? { resource_group_name: shown.resource_group_name } : {};
    const quiet = { props: { 'DrbdOptions/auto-add-quorum-tiebreaker': 'false' } };
    const path = '/v1/resource-definitions';
    this.request('POST', path, JSON.stringify({ resource_definition: { name, ...group, ...quiet } }));
    for (const number of rig.volumesOf(name)) {
      const volume = { volume_number: number, size_kib: 20_480 };
      this.request('POST', `${path}/${name}/volume-definitions`, JSON.stringify({ volume_definition: volume }));
    }
    for (const { node, kind, pool } of rig.replicasOf(name)) {
      const resource = kind === 'diskful' ? { props: { StorPoolName: pool } } : { flags: ['DISKLESS'] };
      this.request('POST', `${path}/${name}/resources/${node}`, JSON.stringify({ resource }));
    }
    const definition = findByName(this.linstor.store.definitions, name);
    if (definition === undefined) return;
    for (const { node, kind, properties } of rig.replicasOf(name)) {
      const replica = definition.resources.get(node.toLowerCase());
      if (replica === undefined) continue;
      replica.kind = kind;
      if (kind !== 'diskful') replica.disklessKind = kind;
      for (const [key, value] of Object.entries(properties)) replica.properties.set(key, String(value));
    }
    if (!isObject(shown.props)) {
      definition.properties.delete('DrbdOptions/auto-add-quorum-tiebreaker');
      return;
    }
    definition.properties.clear();
    for (const [key, value] of Object.entries(shown.props)) definition.properties.set(key, String(value));
  }
}

/** What DRBD told its satellite, as an answer shows it; undefined where the satellite had told nothing. */
function reportOf(replica: Fields, knownDisk = 'UpToDate'): Report | undefined {
  const drbd = fieldsAt(fieldsAt(replica.layer_object).drbd);
  if (!isObject(replica.state)) return undefined;
  const [volume] = Array.isArray(replica.volumes) ? (replica.volumes as readonly unknown[]) : [];
  const state = fieldsAt(fieldsAt(volume).state);
  const replication = fieldsAt(state.replication_states);
  const connections = Object.entries(fieldsAt(drbd.connections));
  return {
    inUse: replica.state.in_use === true,
    disk: typeof state.disk_state === 'string' ? state.disk_state : knownDisk,
    mayPromote: drbd.may_promote === true,
    score: Number(drbd.promotion_score),
    peers: connections.map(([node, connection]) => {
      const { connected } = fieldsAt(connection);
      // A list of replicas does not show what their volumes do.
      const unseen = volume === undefined && connected === true ? 'Established' : 'Off';
      const { replication_state: told = unseen, done_percentage: done } = fieldsAt(replication[node]);
      return {
        node,
        connection: fieldsAt(connection).message as PeerReport['connection'],
        replication: told as PeerReport['replication'],
        done: typeof done === 'number' ? done : undefined,
      };
    }),
  };
}

function fieldsAt(value: unknown): Fields {
  return isObject(value) ? value : {};
}
