import type { LinstorAnswer } from '../../../src/drivers/sim/linstor/answer.ts';
import { findByName } from '../../../src/drivers/sim/linstor/store.ts';
import { firstDifference, short } from '../difference.ts';
import type { Miss, Player } from '../played.ts';
import { type Exchange, exchangesOf, jsonOf } from './exchange.ts';
import { linstorMask, withoutProgress } from './mask.ts';
import { Rig } from './rig.ts';
import { LinstorStage } from './stage.ts';

/** Requests to a LINSTOR controller with their answers: status, every field, every return code to its last bit. */
export const linstorPlayer: Player = {
  files: /^linstor\/recordings\/[^/]+\.json$/,
  play: (recording, { siblings }) => {
    const exchanges = exchangesOf(recording);
    const stage = new LinstorStage(
      new Rig(
        exchanges,
        siblings().filter((each) => each !== recording),
      ),
    );
    const misses: Miss[] = [];
    const satellites = new Satellites(stage);
    exchanges.forEach((exchange, index) => {
      stage.catchUp(exchange, index);
      if (!isAtOnce(exchange, exchanges[index - 1])) satellites.prepare(exchanges, index);
      stage.addMissingVolume(exchange);
      const miss = playExchange(stage, exchange, index);
      if (miss !== undefined) misses.push(miss);
      if (!isAtOnce(exchange, exchanges[index + 1])) stage.clock.pass(exchange.seconds * 1000);
    });
    return { total: exchanges.length, misses };
  },
};

/** True for requests that were sent at the same time. */
function isAtOnce({ note }: Exchange, other: Exchange | undefined): boolean {
  return note.includes('same instant') && note === other?.note;
}

/** What names and notes tell of the satellites before a step: which of them fell silent, and who knows of it. */
class Satellites {
  readonly #stage: LinstorStage;
  #silent = '';

  constructor(stage: LinstorStage) {
    this.#stage = stage;
  }

  prepare(exchanges: readonly Exchange[], index: number): void {
    const exchange = exchanges[index]!;
    const text = `${exchange.name} ${exchange.note}`;
    this.#silent = /satellite of ([\w-]+)[^;]*fell silent/.exec(text)?.[1] ?? this.#silent;
    const { linstor, clock } = this.#stage;
    const node = findByName(linstor.store.nodes, this.#silent);
    if (node === undefined) this.#stage.adopt(exchange);
    else if (/while the Primary is offline/.test(text)) linstor.satelliteLost(node.name, { silent: false });
    else if (!/fell[ -]silent|(while|is) silent/.test(text)) this.#stage.adopt(exchange);
    else if (/just before: OFFLINE/.test(text)) clock.pass(1000);
    else {
      linstor.satelliteBack(node.name);
      clock.pass(20_000);
      for (const each of exchanges.slice(index)) if (isAtOnce(exchange, each)) this.#stage.adoptReplicas(each);
      linstor.satelliteLost(node.name);
    }
  }
}

/** One exchange as a step: sent to the world unless it has answered already, its answer compared. */
export function playExchange(
  stage: LinstorStage,
  exchange: Exchange,
  index: number,
  answered?: LinstorAnswer,
): Miss | undefined {
  const { status, answer, method, path } = exchange;
  if (status === undefined) return undefined;
  const got = answered ?? stage.send(exchange);
  const text = got.text();
  const step = `${index}: ${exchange.name}: ${method} ${path}`;
  const rule = ruleOf(method, path);
  if (got.status !== status) {
    return { step, rule, recorded: `${status} ${short(answer)}`, world: `${got.status} ${short(text)}` };
  }
  const [recorded, world] = [jsonOf(answer), jsonOf(text)];
  if (recorded === undefined && world === undefined) {
    return answer === text ? undefined : { step, rule, recorded: short(answer), world: short(text) };
  }
  const found = firstDifference(recorded, world, linstorMask);
  if (found === undefined) return undefined;
  if (
    method !== 'GET' &&
    firstDifference(withoutProgress(recorded), withoutProgress(world), linstorMask) === undefined
  ) {
    const differs = { recorded: short(found.recorded), world: short(found.world) };
    return { step, rule: 'progress messages', ...differs };
  }
  return { step, rule, recorded: `${found.path}: ${found.recorded}`, world: `${found.path}: ${found.world}` };
}

/** `GET /v1/nodes/{}/storage-pools`: the request without its names. */
export function ruleOf(method: string, target: string): string {
  const [path = '', query] = target.split('?');
  const parts = path.split('/').map((part, index) => (index > 1 && !collections.has(part) ? '{}' : part));
  const names = [...new Set((query ?? '').split('&').map((pair) => pair.split('=')[0] ?? ''))].filter(
    (name) => name !== '',
  );
  return `${method} ${parts.join('/')}${names.length === 0 ? '' : `?${names.join('&')}`}`;
}

const collections: ReadonlySet<string> = new Set(
  (
    'activate actions adjust all-resources auth autoplace available-files biggest config connections controller deactivate ' +
    'default-resource-group-name drbd drbd-proxy encryption error-reports evacuate events evict ext-files external-files files health ' +
    'key-value-store lost make-available maxfreespace metrics net-interfaces node-connections nodes physical-storage ' +
    'passphrase promotion properties query-size-info query-all-size-info reconnect remotes resource-connections ' +
    'resource-definitions resource-groups resources restore schedules snapshot multi snapshot-restore-resource ' +
    'snapshot-restore-volume-definition snapshot-rollback snapshot-shipping snapshots sos-report spawn stats storage-pools ' +
    'storage-pool-definitions sync-status toggle-disk diskful diskless migrate-disk initialize-token-auth token v1 version view ' +
    'volume-definitions volume-groups volumes backups connections'
  ).split(' '),
);
