import { LinstorCsiDriver } from '../../../src/drivers/sim/linstor/csi-driver.ts';
import type { LinstorRequest } from '../../../src/drivers/sim/linstor/routes.ts';
import type { CsiResult } from '../../../src/drivers/sim/behaviours/storage/csi-ports.ts';
import { textAt, type Json } from '../../../src/model/json.ts';
import { isObject, short } from '../difference.ts';
import type { Exchange } from '../linstor/exchange.ts';
import { jsonOf } from '../linstor/exchange.ts';
import { playExchange } from '../linstor/player.ts';
import { Rig } from '../linstor/rig.ts';
import { LinstorStage } from '../linstor/stage.ts';
import type { Miss, Player } from '../played.ts';

/** A recorded call to linstor-csi with the LINSTOR requests that it made; without a call: direct reads of LINSTOR. */
interface Call {
  readonly name: string;
  readonly method: string | undefined;
  readonly args: Json;
  readonly code: string;
  readonly message: string;
  readonly traffic: readonly Exchange[];
}

/** gRPC calls: code and message of the answer, and what the driver changed in LINSTOR for it. */
export const csiPlayer: Player = {
  files: /^csi\/recordings\/[^/]+\.json$/,
  play: (recording, { siblings }) => {
    const calls = callsOf(recording);
    const own = calls.flatMap(({ traffic }) => traffic);
    const others = siblings()
      .filter((each) => each !== recording)
      .flatMap((each) => callsOf(each).flatMap(({ traffic }) => traffic));
    const stage = new CsiStage(new Rig(own, [], others));
    const misses = calls.flatMap((call, index) => stage.play(call, index));
    return { total: calls.reduce((sum, call) => sum + stepsOf(call), 0), misses };
  },
};

/** Calls that the world's driver takes. */
const known: ReadonlySet<string> = new Set(['ControllerPublishVolume', 'ControllerUnpublishVolume', 'DeleteVolume']);

/** Reads of everything there is were cut off in the recording, and a request that got no answer has none to compare. */
function isComparable({ path, status }: Exchange): boolean {
  return status !== undefined && !/cached=true/.test(path);
}

function stepsOf({ method, traffic }: Call): number {
  if (method === undefined) return traffic.length;
  return known.has(method) ? 2 : 1 + traffic.filter(isComparable).length;
}

class CsiStage {
  readonly #stage: LinstorStage;
  readonly #driver: LinstorCsiDriver;
  /** Changes that reached LINSTOR, in order. */
  #changes: string[] = [];

  constructor(rig: Rig) {
    this.#stage = new LinstorStage(rig);
    const { linstor } = this.#stage;
    const request = linstor.request.bind(linstor);
    linstor.request = (sent: LinstorRequest) => {
      if (sent.method !== 'GET') this.#changes.push(changeText(sent.method, sent.path + searchOf(sent), sent.body));
      return request(sent);
    };
    this.#driver = new LinstorCsiDriver(linstor);
  }

  play(call: Call, index: number): readonly Miss[] {
    const first = call.traffic.find(({ path }) => path.includes('/view/resources'));
    if (call.method === undefined) return this.#read(call, index);
    if (first !== undefined) this.#stage.adopt(first);
    for (const each of call.traffic) if (/\/v1\/nodes/.test(each.path)) this.#stage.adopt(each);
    this.#changes = [];
    const answer = this.#call(call.method, call.args);
    const step = `${index}: ${call.name}: ${call.method}`;
    const rule = `${call.method} ${call.code}`;
    const misses: Miss[] = [];
    if (answer === undefined) {
      const world = 'does not know the call';
      return [{ step, rule, recorded: `${call.code} ${call.message}`, world }, ...this.#replay(call, index)];
    }
    const got = answer.kind === 'ok' ? 'OK ' : `${grpcName(answer.code)} ${answer.message}`;
    const wanted = `${call.code} ${call.message}`;
    if (masked(got) !== masked(wanted)) misses.push({ step, rule, recorded: short(wanted), world: short(got) });
    const recorded = call.traffic.filter(({ method }) => method !== 'GET').map(recordedChange);
    if (recorded.join('\n') !== this.#changes.join('\n')) {
      const texts = {
        recorded: short(recorded.join(' · ') || 'none', 600),
        world: short(this.#changes.join(' · ') || 'none', 600),
      };
      misses.push({ step: `${step}: changes in LINSTOR`, rule: `${rule} changes`, ...texts });
    }
    this.#stage.clock.pass(3000);
    return misses;
  }

  /** What a call that the world does not know asked of LINSTOR: LINSTOR's answers are compared all the same. */
  #replay(call: Call, index: number): readonly Miss[] {
    return call.traffic.flatMap((exchange) => {
      if (isComparable(exchange)) return this.#read({ ...call, traffic: [exchange] }, index);
      // The driver gave up waiting; LINSTOR did what it was asked.
      if (exchange.method !== 'GET') this.#stage.request(exchange.method, exchange.path, exchange.body);
      return [];
    });
  }

  #read(call: Call, index: number): readonly Miss[] {
    return call.traffic.flatMap((exchange, place) => {
      this.#stage.addMissingVolume(exchange);
      this.#stage.adopt(exchange);
      const miss = playExchange(this.#stage, exchange, place);
      return miss === undefined
        ? []
        : [{ ...miss, step: `${index}: ${call.name}: ${miss.step}`, rule: `state ${miss.rule}` }];
    });
  }

  #call(method: string, args: Json): CsiResult | undefined {
    const volume = textAt(args, 'volumeId') ?? '';
    const node = textAt(args, 'nodeId') ?? '';
    switch (method) {
      case 'ControllerPublishVolume': {
        const mode = textAt(args, 'volumeCapability', 'accessMode', 'mode');
        if (node === '' || mode === undefined)
          return { kind: 'error', code: 'Unknown', message: 'the world asks for both' };
        const sharedBlock =
          mode === 'MULTI_NODE_MULTI_WRITER' && isObject(args) && JSON.stringify(args).includes('"block"');
        return this.#driver.publish(volume, node, { sharedBlock });
      }
      case 'ControllerUnpublishVolume':
        return this.#driver.unpublish(volume, node);
      case 'DeleteVolume':
        return this.#driver.deleteVolume(volume);
      default:
        return undefined;
    }
  }
}

function callsOf(recording: unknown): readonly Call[] {
  if (!Array.isArray(recording)) throw new Error('it is no list of calls');
  return (recording as readonly Json[]).map((entry, index) => {
    if (!isObject(entry) || !Array.isArray(entry.linstor)) throw new Error(`entry ${index} lacks the list \`linstor\``);
    return {
      name: textAt(entry, 'name') ?? '',
      method: textAt(entry, 'request', 'method'),
      args: isObject(entry.request) ? (entry.request.args ?? null) : null,
      code: textAt(entry, 'response', 'code') ?? '',
      message: textAt(entry, 'response', 'message') ?? '',
      traffic: (entry.linstor as readonly Json[]).map(exchangeOf),
    };
  });
}

function exchangeOf(entry: Json): Exchange {
  const status = isObject(entry) && typeof entry.status === 'number' ? entry.status : undefined;
  const answer = textAt(entry, 'responseBody') ?? '';
  const body = textAt(entry, 'body');
  return {
    name: '',
    note: '',
    method: textAt(entry, 'method') ?? 'GET',
    path: textAt(entry, 'path') ?? '/',
    body: body === '' ? undefined : body,
    status,
    answer: jsonOf(answer) === undefined ? wholeElements(answer) : answer,
    seconds: 0,
  };
}

/** A list that was cut off, without its last, incomplete element. */
function wholeElements(text: string): string {
  if (!text.startsWith('[')) return text;
  for (let end = text.lastIndexOf('},{"'); end > 0; end = text.lastIndexOf('},{"', end - 1)) {
    const cut = `${text.slice(0, end + 1)}]`;
    if (jsonOf(cut) !== undefined) return cut;
  }
  return '[]';
}

function searchOf({ query = {} }: LinstorRequest): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${String(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function recordedChange({ method, path, body }: Exchange): string {
  return changeText(method, path, body === undefined ? undefined : (jsonOf(body) as Json));
}

function changeText(method: string, path: string, body: Json | undefined): string {
  return `${method} ${path}${body === undefined || body === null ? '' : ` ${JSON.stringify(body)}`}`;
}

function grpcName(code: string): string {
  return code.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

function masked(text: string): string {
  return text
    .replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, '<uuid>')
    .replaceAll(/[\dA-F]{8}-[\dA-F]{5}-\d{6}/g, '<report>')
    .trim();
}
