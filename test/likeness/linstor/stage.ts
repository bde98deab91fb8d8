import { DrbdKernel } from '../../../src/drivers/sim/drbd/kernel.ts';
import type { LinstorAnswer } from '../../../src/drivers/sim/linstor/answer.ts';
import { LinstorController } from '../../../src/drivers/sim/linstor/controller.ts';
import { findByName } from '../../../src/drivers/sim/linstor/store.ts';
import { Clock } from '../../drivers/sim/drbd/drbd-lab.ts';
import { isObject } from '../difference.ts';
import type { Exchange } from './exchange.ts';
import { jsonOf } from './exchange.ts';
import { objectsIn, type Rig } from './rig.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A LINSTOR controller with what a recording's rig had before its first step; what DRBD did there is dictated from outside. */
export class LinstorStage {
  readonly clock = new Clock();
  readonly kernel: DrbdKernel;
  readonly linstor: LinstorController;

  constructor(rig: Rig) {
    this.kernel = new DrbdKernel(this.clock, this.clock.random.stream('drbd'));
    this.linstor = new LinstorController({
      scheduler: this.clock,
      kernel: this.kernel,
      random: this.clock.random.stream('linstor'),
      wallNow: () => 1_767_225_600_000 + this.clock.now,
      properties: rig.controllerProperties(),
    });
    this.clock.handlers.set('drbd', (event) => this.kernel.handle(event));
    this.clock.handlers.set('linstor', (event) => this.linstor.handle(event));
    for (const { name, properties, pools } of rig.nodes()) {
      this.linstor.addNode({ name, site: properties['Aux/site'] ?? '', address: '127.0.0.1', pools: [...pools] });
      const node = findByName(this.linstor.store.nodes, name)!;
      node.properties.clear();
      for (const [key, value] of Object.entries(properties)) node.properties.set(key, value);
    }
    for (const group of rig.groups()) this.#installGroup(group);
    for (const definition of rig.definitions()) this.#installDefinition(definition, rig);
    for (const { name, online } of rig.nodes()) if (!online) this.linstor.satelliteLost(name, { silent: false });
    this.clock.pass(60_000);
  }

  /** Sends a request as it was recorded, headers and all. */
  send({
    method,
    path,
    body = '',
    headers = {},
  }: Pick<Exchange, 'method' | 'path' | 'body' | 'headers'>): LinstorAnswer {
    const url = new URL(path, 'http://localhost');
    const query: Record<string, readonly string[]> = {};
    for (const name of new Set(url.searchParams.keys())) query[name] = url.searchParams.getAll(name);
    // A path with two slashes is no URL of its own.
    const plain = path.startsWith('//') ? path : url.pathname;
    return this.linstor.request({ method, path: plain, query, text: body, headers });
  }

  request(method: string, path: string, body?: string): LinstorAnswer {
    return this.send({ method, path, body });
  }

  /** What the step's surroundings were when it was recorded: satellites that are gone, and what DRBD was made to report. */
  adopt(exchange: Exchange): void {
    if (exchange.method !== 'GET') return;
    const shown = jsonOf(exchange.answer);
    let changed = false;
    for (const node of objectsIn(shown, (each) => 'connection_status' in each && 'name' in each)) {
      changed = this.#setOnline(String(node.name), node.connection_status === 'ONLINE') || changed;
    }
    if (!/\/resources(\/|\?|$)/.test(exchange.path)) return this.#settle(changed);
    const replicas = objectsIn(shown, (each) => 'node_name' in each && 'layer_object' in each);
    for (const replica of replicas) changed = this.#adoptReplica(replica) || changed;
    this.#settle(changed);
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
    const [resource, node] = [String(replica.name), String(replica.node_name)];
    let changed = this.#setOnline(node, 'state' in replica);
    const model = this.kernel.replica(resource, node);
    if (model === undefined || !isObject(replica.state)) return changed;
    if (replica.state.in_use === true && model.role !== 'Primary') {
      changed = true;
      this.kernel.open(resource, node, 'recorded', 'rw');
      this.kernel.promote(resource, node, { force: false });
    } else if (replica.state.in_use === false && model.role === 'Primary') {
      changed = true;
      this.kernel.close(resource, node, 'recorded');
      this.kernel.demote(resource, node, { force: false });
    }
    const drbd = isObject(replica.layer_object) && isObject(replica.layer_object.drbd) ? replica.layer_object.drbd : {};
    for (const [peer, connection] of Object.entries(isObject(drbd.connections) ? drbd.connections : {})) {
      const isConnected = isObject(connection) && connection.connected === true;
      const seen = model.peers.get(peer)?.connection;
      if (seen === undefined || (seen === 'Connected') === isConnected) continue;
      changed = true;
      this.kernel.setLink(node, peer, isConnected);
    }
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

  #installGroup(group: Fields): void {
    const { name, description, select_filter, props } = group;
    const body = { name, select_filter, ...(description === undefined ? {} : { description }) };
    this.request('POST', '/v1/resource-groups', JSON.stringify(body));
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
    this.request('POST', `${path}/${name}/volume-definitions`, '{"volume_definition":{"size_kib":20480}}');
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
