import type { CsiAnswer, CsiWait } from '../../../src/drivers/sim/behaviours/storage/csi-ports.ts';
import type { LinstorAnswer } from '../../../src/drivers/sim/linstor/answer.ts';
import type { LinstorRequest } from '../../../src/drivers/sim/linstor/routes.ts';
import { findByName } from '../../../src/drivers/sim/linstor/store.ts';
import { LinstorCsiDriver } from '../../../src/drivers/sim/linstor-csi/csi-driver.ts';
import { defaultCacheTimes } from '../../../src/drivers/sim/linstor-csi/linstor-client.ts';
import { type Json, textAt } from '../../../src/model/json.ts';
import { firstDifference, short } from '../difference.ts';
import { type Exchange, jsonOf } from '../linstor/exchange.ts';
import { playExchange } from '../linstor/player.ts';
import type { Rig } from '../linstor/rig.ts';
import { LinstorStage } from '../linstor/stage.ts';
import type { Miss } from '../played.ts';
import { type Call, cutOff } from './call.ts';
import { callDriver, isKnown } from './driver-calls.ts';
import type { SeenVolume } from './rig.ts';

/** What is compared of a call: its answer, its requests in their order, and LINSTOR's answers to them. */
export function stepsOf({ method, code, traffic }: Call): number {
  const answers = traffic.filter(isComparable).length;
  if (method === undefined) return answers;
  const requests = isKnown(method) && traffic.length > 0 ? 1 : 0;
  return (code === gaveUp ? 0 : 1) + requests + answers;
}

const gaveUp = 'DEADLINE_EXCEEDED';

/** What was cut off, got no answer or failed by the rig's hosts has none to compare; reads of everything show other recordings' volumes. */
function isComparable(exchange: Exchange): boolean {
  if (exchange.status === undefined || exchange.note === cutOff) return false;
  return !/cached=true/.test(exchange.path) && !isRigFailure(exchange);
}

/** What the hosts of the rig could not do: no kernel module, one lock file for two satellites. */
function isRigFailure({ status = 0, answer }: Exchange): boolean {
  return status >= 500 && /Failed to (create meta-data|mkfs|query size)|Exception|not adjusted/.test(answer);
}

/** The recorded call ends here: its caller gave up, or the driver sent another request, which is the message. */
class EndOfCall extends Error {}

/** linstor-csi's processes on one LINSTOR; what DRBD did there is dictated from outside. */
export class CsiStage {
  readonly #stage: LinstorStage;
  readonly #drivers = new Map<string, LinstorCsiDriver>();
  /** Recorded time, in milliseconds: what the caches of the drivers go by. */
  #time = 0;
  /** What the call that is being played has yet to ask of LINSTOR. */
  #rest: readonly Exchange[] = [];
  #misses: Miss[] = [];
  #step = '';
  #isPlaying = false;

  constructor(rig: Rig, volumes: readonly SeenVolume[]) {
    this.#stage = new LinstorStage(rig);
    const { linstor } = this.#stage;
    for (const { definition, sizeKib, properties } of volumes) {
      const volume = findByName(linstor.store.definitions, definition)?.volumes.get(0);
      if (volume === undefined) continue;
      volume.sizeKib = sizeKib;
      for (const [key, value] of Object.entries(properties)) volume.properties.set(key, value);
    }
    const request = linstor.request.bind(linstor);
    linstor.request = (sent: LinstorRequest) => (this.#isPlaying ? this.#perform(() => request(sent)) : request(sent));
  }

  play(call: Call, index: number, next: Call | undefined): readonly Miss[] {
    this.#step = `${index}: ${call.name}`;
    this.#misses = [];
    if (call.method === undefined) for (const exchange of call.traffic) this.#compare(exchange, 'state ');
    else if (isKnown(call.method)) this.#playCall(call, call.method, next);
    else {
      const rule = `${call.method} ${call.code}`;
      this.#miss(call.method, rule, `${call.code} ${call.message}`, 'does not know the call');
      this.#replay(call.traffic);
    }
    this.#time += call.seconds * 1000;
    return this.#misses;
  }

  #playCall(call: Call, method: string, next: Call | undefined): void {
    const rule = `${method} ${call.code}`;
    const seen = [...call.traffic, ...rolesAfter(call, next), ...call.traffic.flatMap(roleShownBy)];
    // What LINSTOR says of its nodes counts for more than what their replicas show.
    const isOfNodes = ({ path }: Exchange): boolean => path.startsWith('/v1/nodes');
    for (const exchange of seen.toSorted((a, b) => Number(isOfNodes(a)) - Number(isOfNodes(b)))) this.#adopt(exchange);
    // A call that only warms the caches up is made when they have run out.
    if (call.name.startsWith('warm-up')) this.#time += 2 * defaultCacheTimes.nodes;
    this.#rest = call.traffic;
    this.#isPlaying = true;
    let answer: CsiAnswer<unknown> | CsiWait | undefined;
    let sentInstead = 'nothing more';
    try {
      const driver = this.#driverOf(call);
      answer = callDriver(driver, method, call.args, false);
      while (answer.kind === 'waiting' && this.#rest.length > 0) {
        this.#time += answer.lookAgainAfter;
        answer = callDriver(driver, method, call.args, true);
      }
    } catch (cause) {
      if (!(cause instanceof EndOfCall)) throw cause;
      if (cause.message !== '') sentInstead = cause.message;
    } finally {
      this.#isPlaying = false;
    }
    const [left] = this.#rest;
    if (left !== undefined) {
      this.#miss(`${method}: requests`, `${rule} requests`, textOf(left), sentInstead);
      this.#replay(this.#rest);
    }
    if (call.code !== gaveUp) this.#compareAnswer(call, method, answer);
    this.#stage.clock.pass(3000);
  }

  #compareAnswer(call: Call, method: string, answer: CsiAnswer<unknown> | CsiWait | undefined): void {
    const rule = `${method} ${call.code}`;
    const got = grpcOf(answer);
    const recorded = { code: call.code, message: call.message, value: call.value };
    const found = firstDifference(recorded, got, maskAnswer);
    if (found === undefined) return;
    const at = (value: string): string => `${found.path}: ${value}`;
    this.#miss(method, rule, at(found.recorded), at(found.world));
  }

  /** A request of the driver: it must be the next one that was recorded. */
  #tell(method: string, path: string, body: Json | undefined): void {
    if (!this.#isPlaying) return;
    const [wanted] = this.#rest;
    // The caller had given up by now.
    if (wanted === undefined) throw new EndOfCall();
    const sent = textOf({ method, path, body: body === undefined ? undefined : JSON.stringify(body) });
    if (textOf(wanted) !== sent) throw new EndOfCall(sent);
    if (method !== 'GET') return;
    this.#rest = this.#rest.slice(1);
    this.#isPlaying = false;
    if (isComparable(wanted)) this.#compare(wanted, '');
    this.#isPlaying = true;
  }

  /** LINSTOR does what it is asked; the answer is compared, or is the recorded one where the rig failed. */
  #perform(request: () => LinstorAnswer): LinstorAnswer {
    const [wanted, ...rest] = this.#rest;
    if (wanted === undefined) return request();
    this.#isPlaying = false;
    for (const exchange of nodesShownBy(wanted)) this.#adopt(exchange);
    this.#isPlaying = true;
    const answer = this.#withRoomOnlyOn(nodesUsed(wanted), request);
    this.#rest = rest;
    if (wanted.status === undefined) throw new EndOfCall();
    if (isRigFailure(wanted)) return recordedAnswer(wanted);
    if (isComparable(wanted)) this.#compare(wanted, '', answer);
    return answer;
  }

  /** Which of several nodes that would do the autoplacer takes is chance: how full their disks are. */
  #withRoomOnlyOn<T>(nodes: readonly string[], then: () => T): T {
    const others = [...this.#stage.linstor.store.nodes.values()].filter(({ name }) => !nodes.includes(name));
    const pools = nodes.length === 0 ? [] : others.flatMap((node) => [...node.pools.values()]);
    const free = pools.map((pool) => pool.freeKib);
    for (const pool of pools) pool.freeKib = 0;
    const answer = then();
    for (const [index, pool] of pools.entries()) pool.freeKib = free[index]!;
    return answer;
  }

  #replay(traffic: readonly Exchange[]): void {
    for (const exchange of traffic) {
      this.#withRoomOnlyOn(nodesUsed(exchange), () => {
        if (isComparable(exchange)) this.#compare(exchange, '');
        else if (exchange.method !== 'GET') this.#stage.request(exchange.method, exchange.path, exchange.body);
      });
    }
  }

  #compare(exchange: Exchange, prefix: string, answer?: LinstorAnswer): void {
    if (answer === undefined) this.#adopt(exchange);
    const miss = playExchange(this.#stage, exchange, 0, answer);
    if (miss !== undefined)
      this.#misses.push({ ...miss, step: `${this.#step}: ${miss.step.slice(3)}`, rule: `${prefix}${miss.rule}` });
  }

  #adopt(exchange: Exchange): void {
    this.#stage.addMissingVolume(exchange);
    this.#stage.adopt(withoutBrokenReplicas(exchange));
    // The last node of a list that was cut off has its properties all the same.
    for (const [, name = '', props = ''] of exchange.answer.matchAll(
      /"name":"([\w-]+)","type":"\w+","props":(\{[^}]*\})/g,
    )) {
      const properties = findByName(this.#stage.linstor.store.nodes, name)?.properties;
      for (const [key, value] of Object.entries(jsonOf(props) as Readonly<Record<string, string>>))
        properties?.set(key, value);
    }
  }

  /** The flags of the process are in its name and in the note. */
  #driverOf({ driver, note }: Call): LinstorCsiDriver {
    const node = /--node=([\w-]+)/.exec(note)?.[1] ?? /^node-(.+)$/.exec(driver)?.[1];
    const propertySpace = /--property-namespace=([\w/]+)/.exec(note)?.[1] ?? 'Aux';
    const labelsByPool = !note.includes('--label-by-storage-pool=false');
    const key = [driver, node, propertySpace, labelsByPool].join();
    const known = this.#drivers.get(key);
    if (known !== undefined) return known;
    const made = new LinstorCsiDriver({
      linstor: this.#stage.linstor,
      now: () => this.#time,
      caches: driver.endsWith('default-cache') ? defaultCacheTimes : { resources: -1, nodes: -1 },
      onRequest: (method, path, body) => this.#tell(method, path, body),
      ...(node === undefined ? {} : { node }),
      propertySpace,
      labelsByPool,
    });
    this.#drivers.set(key, made);
    return made;
  }

  #miss(what: string, rule: string, recorded: string, world: string): void {
    this.#misses.push({
      step: `${this.#step}: ${what}`,
      rule,
      recorded: short(recorded, 600),
      world: short(world, 600),
    });
  }
}

/** Who had the volume open during a call: the view of everything was cut off, but often it was read in full right after it. */
function rolesAfter({ method, args }: Call, next: Call | undefined): readonly Exchange[] {
  const volume = textAt(args, 'volumeId');
  if (volume === undefined || next === undefined || next.method !== undefined) return [];
  const views = next.traffic.filter(({ path }) => path.endsWith(`/view/resources?resources=${volume}`));
  // The volume is opened where it was published, but after the call.
  const published = method === 'ControllerPublishVolume' ? textAt(args, 'nodeId') : undefined;
  return views.map((view) => {
    const shown = jsonOf(view.answer);
    const replicas = Array.isArray(shown) ? (shown as readonly Readonly<Record<string, unknown>>[]) : [];
    const during = replicas.filter(({ node_name }) => node_name !== published);
    return { ...view, answer: JSON.stringify(during) };
  });
}

/** The answer to a change tells which satellites were there for it. */
function nodesShownBy({ method, answer }: Exchange): readonly Exchange[] {
  const namesIn = (pattern: RegExp): ReadonlySet<string> =>
    new Set([...answer.matchAll(pattern)].map(([, name = '']) => name));
  const away = namesIn(/No active connection to satellite '([\w-]+)'/g);
  const there = [...namesIn(/"message":"\(([\w-]+)\) /g)].filter((name) => !away.has(name));
  const nodes = [
    ...[...away].map((name) => ({ name, connection_status: 'OFFLINE' })),
    ...there.map((name) => ({ name, connection_status: 'ONLINE' })),
  ];
  if (method === 'GET' || nodes.length === 0) return [];
  return [{ ...noExchange, path: '/v1/nodes', status: 200, answer: JSON.stringify(nodes) }];
}

const noExchange: Exchange = {
  name: '',
  note: '',
  method: 'GET',
  path: '',
  body: undefined,
  status: undefined,
  answer: '',
  seconds: 0,
};

/** LINSTOR deletes no replica that is in use: its answer tells whether it was, unless it could not know. */
function roleShownBy(exchange: Exchange): readonly Exchange[] {
  const [, name, node_name] =
    /^\/v1\/resource-definitions\/([\w-]+)\/resources\/([\w-]+)\?keep/.exec(exchange.path) ?? [];
  const inUse = exchange.answer.includes('is still in use');
  if (exchange.method !== 'DELETE' || (exchange.status !== 200 && !inUse)) return [];
  if (exchange.answer.includes(`No active connection to satellite '${node_name}'`)) return [];
  const view = [{ name, node_name, layer_object: {}, state: { in_use: inUse } }];
  return [{ ...exchange, method: 'GET', path: '/v1/view/resources', status: 200, answer: JSON.stringify(view) }];
}

/**
 * A view without the replicas that could not be set up on the rig's hosts. They have no state, like those of a node that is
 * away; but others of the node have.
 */
function withoutBrokenReplicas(exchange: Exchange): Exchange {
  const shown = /\/view\/resources/.test(exchange.path) ? jsonOf(exchange.answer) : undefined;
  if (!Array.isArray(shown)) return exchange;
  const replicas = shown as readonly Readonly<Record<string, unknown>>[];
  const here = new Set(replicas.flatMap((each) => ('state' in each ? [each.node_name] : [])));
  const kept = replicas.filter((each) => 'state' in each || !here.has(each.node_name));
  return { ...exchange, answer: JSON.stringify(kept) };
}

/** Nodes that a recorded request placed replicas on. */
function nodesUsed({ path, answer }: Exchange): readonly string[] {
  const [, used = ''] = /Used nodes \(storage pool name\): ([^"\n\\]*)/.exec(answer) ?? [];
  return path.endsWith('/autoplace') ? [...used.matchAll(/'([\w-]+) \(/g)].map(([, node = '']) => node) : [];
}

function recordedAnswer({ status = 0, answer }: Exchange): LinstorAnswer {
  return { status, body: (jsonOf(answer) ?? []) as Json, takes: 0, text: () => answer };
}

function grpcOf(answer: CsiAnswer<unknown> | CsiWait | undefined): object {
  if (answer === undefined) return { code: 'another way', message: '', value: null };
  if (answer.kind === 'ok') return { code: 'OK', message: '', value: answer.value };
  if (answer.kind === 'waiting') return { code: 'waits', message: '', value: null };
  const code = answer.code.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
  return { code, message: answer.message, value: null };
}

function maskAnswer(key: string, value: unknown): unknown {
  if (key === 'availableCapacity') return '<rig>';
  if (typeof value !== 'string') return value;
  return value
    .replaceAll(/^\/dev\/drbd\d+$/g, '<device>')
    .replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, '<uuid>')
    .replaceAll(/[\dA-F]{8}-[\dA-F]{5}-\d{6}/g, '<report>')
    .trim();
}

function textOf({ method, path, body }: Pick<Exchange, 'method' | 'path' | 'body'>): string {
  return `${method} ${path}${body === undefined ? '' : ` ${JSON.stringify(jsonOf(body) ?? body)}`}`;
}
