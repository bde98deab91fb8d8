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
    exchanges.forEach((exchange, index) => {
      const isAtOnce = exchange.note !== '' && exchange.note === exchanges[index - 1]?.note;
      if (!isAtOnce) prepare(stage, exchange);
      stage.addMissingVolume(exchange);
      const miss = playExchange(stage, exchange, index);
      if (miss !== undefined) misses.push(miss);
      const next = exchanges[index + 1];
      if (next === undefined || next.note === '' || next.note !== exchange.note)
        stage.clock.pass(exchange.seconds * 1000);
    });
    return { total: exchanges.length, misses };
  },
};

/** A note tells what was done to the rig before the step. */
function prepare(stage: LinstorStage, exchange: Exchange): void {
  const silent = /satellite of ([\w-]+)[^;]*fell silent/.exec(exchange.note)?.[1];
  if (silent === undefined) return stage.adopt(exchange);
  const node = findByName(stage.linstor.store.nodes, silent);
  if (node?.connection === 'OFFLINE' && /right after the satellite|^0\.0 s after/.test(exchange.note)) {
    stage.linstor.satelliteBack(silent);
    stage.clock.pass(20_000);
  }
  if (node?.connection === 'ONLINE') stage.linstor.satelliteLost(silent);
  else stage.clock.pass(1000);
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
    'activate action adjust all-resources auth autoplace available-files biggest config connections controller deactivate ' +
    'default-resource-group-name drbd drbd-proxy encryption error-reports evacuate events evict ext-files external-files files health ' +
    'key-value-store lost make-available maxfreespace metrics net-interfaces node-connections nodes physical-storage ' +
    'passphrase promotion properties query-size-info query-all-size-info reconnect remotes resource-connections ' +
    'resource-definitions resource-groups resources restore schedules snapshot-multi snapshot-restore-resource ' +
    'snapshot-restore-volume-definition snapshot-rollback snapshot-shipping snapshots sos-report spawn stats storage-pools ' +
    'storage-pool-definitions sync-status toggle-disk diskful diskless migrate-disk initialize-token-auth token v1 version view ' +
    'volume-definitions volume-groups volumes backups connections'
  ).split(' '),
);
