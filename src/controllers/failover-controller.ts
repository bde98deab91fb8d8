import { historyDefinition } from '../machines/history/definition.ts';
import type { HistoryContext } from '../machines/history/context.ts';
import { type Instant, minute } from '../model/instant.ts';
import { isUnfinished } from '../model/failover.ts';
import { type KubeObject, type ResourceType, resources } from '../model/kube.ts';
import type { HistoryView } from '../model/operation-copies.ts';
import { isRecovery } from '../model/operation-sites.ts';
import type { ObjectChange } from '../model/significance.ts';
import { gatherTime } from '../runtime/group-schedule.ts';
import { historyConcernedBy, historyGatherTime, historyPoll } from '../runtime/history-schedule.ts';
import { LiveHost } from '../runtime/live-host.ts';
import { TakingUp } from '../runtime/operation-schedule.ts';
import { begin } from '../runtime/step.ts';
import type { Controller, ControllerPorts } from './controller.ts';
import { followedByFailoverController } from './followed-types.ts';
import { sendHeartbeats } from './heartbeats.ts';
import { driveOperation, type OperationDrive } from './operation-drive.ts';
import { SiteCopies } from './site-copies.ts';
import { WorkQueue, type WorkQueueSettings } from './work-queue.ts';

/** Histories that are looked after at once. */
const historyWorkers = 4;

/**
 * The Failover Controller of one cluster: it drives every operation whose home is its cluster and that nobody else drives,
 * keeps those that have ended known on the other sites, and tells the quorum cluster that its site is alive.
 */
export class FailoverController implements Controller {
  readonly #ports: ControllerPorts;
  readonly #operations: SiteCopies;
  readonly #takingUp: TakingUp;
  readonly #drives = new Map<string, OperationDrive>();
  readonly #histories = new Map<string, LiveHost<HistoryContext, HistoryView>>();
  /** `failovers/<namespace>/<name>`, `recoveries/<namespace>/<name>` */
  readonly #operationQueue: WorkQueue;
  /** `<namespace>/<group>`. While a site is lost all of them wait for it: no operation may have to wait with them. */
  readonly #historyQueue: WorkQueue;

  constructor(ports: ControllerPorts) {
    this.#ports = ports;
    const { settings, driver, clock, random, log, metrics } = ports;
    this.#takingUp = new TakingUp(settings.cluster);
    this.#operations = new SiteCopies({
      site: settings.cluster,
      driver,
      types: followedByFailoverController,
      clock,
      random,
      onChange: (change) => this.#note(change),
      onTurn: ({ plural }, trouble) => {
        if (trouble === undefined) log.info('copy_synced', { cluster: settings.cluster, resource: plural });
        else log.warn('copy_stale', { cluster: settings.cluster, resource: plural, message: trouble });
      },
    });
    const onEnd: WorkQueueSettings['onEnd'] = (result, duration) => metrics.noteReconcile(result, duration);
    const onFailure: WorkQueueSettings['onFailure'] = (key, error, wait) => {
      this.#histories.delete(key);
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log.error('pass_failed', { object: key, reason, againInSeconds: Math.round(wait / 1000) });
    };
    this.#operationQueue = new WorkQueue({
      clock,
      random,
      workers: settings.workers,
      onEnd,
      process: (key) => this.#driveOperation(key),
      onFailure,
    });
    this.#historyQueue = new WorkQueue({
      clock,
      random,
      workers: historyWorkers,
      onEnd,
      process: (key) => this.#keepHistory(key),
      onFailure,
    });
  }

  get trouble(): readonly string[] {
    return this.#operations.stale;
  }

  get queueDepth(): number {
    return this.#operationQueue.depth + this.#historyQueue.depth;
  }

  get groups(): readonly KubeObject[] {
    return [];
  }

  get operations(): readonly KubeObject[] {
    return followedByFailoverController.flatMap((type) => this.#operations.list(type));
  }

  follow(): Promise<void> {
    return this.#operations.start();
  }

  async work(signal: AbortSignal): Promise<void> {
    this.#histories.clear();
    for (const object of this.operations) this.#note({ type: 'ADDED', resource: typeOf(object), object });
    await Promise.all([
      this.#operationQueue.run(signal),
      this.#historyQueue.run(signal),
      sendHeartbeats(this.#ports, signal),
    ]);
    await Promise.all([...this.#drives.keys()].map((key) => this.#leave(key)));
  }

  close(): Promise<void> {
    return this.#operations.stop();
  }

  #note(change: ObjectChange): void {
    const { type, object } = change;
    const { clock } = this.#ports;
    if (type === 'ADDED' && isUnfinished(object)) this.#operationQueue.add(keyOf(object), clock.now());
    if (type === 'DELETED') this.#takingUp.forget(object);
    const group = historyConcernedBy(change);
    if (group !== undefined)
      this.#historyQueue.add(`${object.metadata.namespace ?? 'default'}/${group}`, clock.now() + historyGatherTime);
  }

  /** A pass over an operation that is driven from here, or a look at whether it is to be. Answers when to come back. */
  async #driveOperation(key: string): Promise<Instant | undefined> {
    const { clock } = this.#ports;
    const operation = this.#find(key);
    const taken = operation && this.#takingUp.consider(operation, clock.now());
    const drive =
      this.#drives.get(key) ?? (operation && taken?.isDue === true ? this.#take(key, operation) : undefined);
    if (drive === undefined) return taken?.considerAt;
    const next = await drive.pass();
    if (next !== undefined) return next;
    await this.#leave(key);
    return taken?.considerAt;
  }

  #find(key: string): KubeObject | undefined {
    const [plural, namespace = '', name = ''] = key.split('/');
    const type = followedByFailoverController.find(({ resource }) => resource.plural === plural);
    return type && this.#operations.get(type, namespace, name);
  }

  #take(key: string, operation: KubeObject): OperationDrive {
    const onNews = (): void => this.#operationQueue.add(key, this.#ports.clock.now() + gatherTime);
    const drive = driveOperation(this.#ports, operation, onNews);
    this.#drives.set(key, drive);
    return drive;
  }

  async #leave(key: string): Promise<void> {
    const drive = this.#drives.get(key);
    this.#drives.delete(key);
    await drive?.leave();
  }

  async #keepHistory(key: string): Promise<Instant | undefined> {
    const host = this.#histories.get(key) ?? this.#newHistory(key);
    this.#histories.set(key, host);
    const end = await host.pass();
    if (end.how === 'waits') return end.until;
    throw new Error(`The next pass would break a promise of safety: ${end.how === 'halted' ? end.why : end.how}`);
  }

  #newHistory(key: string): LiveHost<HistoryContext, HistoryView> {
    const { settings, driver, clock, log } = this.#ports;
    const [namespace = '', group = ''] = key.split('/');
    const others = settings.sites.filter(({ name, role }) => name !== settings.cluster && role !== 'quorum');
    const input = { site: settings.cluster, namespace, group, otherSites: others.map(({ name }) => name) };
    const keys = { cluster: settings.cluster, protectionGroup: `${namespace}/${group}` };
    return new LiveHost({
      definition: historyDefinition,
      record: begin(historyDefinition, input, clock.now()).record,
      driver,
      clock,
      poll: historyPoll,
      journalPatience: minute,
      onOutcome: (effect, outcome) => {
        const told = { ...keys, order: effect.name, outcome: outcome.kind };
        if (outcome.kind !== 'applied') log.warn('history_order', { ...told, message: outcome.message });
      },
      onBreach: (breach) => log.error('pass_dropped', { ...keys, ...breach }),
    });
  }
}

function typeOf(operation: KubeObject): ResourceType {
  return isRecovery(operation) ? resources.recovery : resources.failover;
}

function keyOf(operation: KubeObject): string {
  return `${typeOf(operation).plural}/${operation.metadata.namespace ?? 'default'}/${operation.metadata.name}`;
}
