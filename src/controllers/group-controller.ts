import type { ProtectionGroupContext } from '../machines/protection-group/context.ts';
import { protectionGroupDefinition } from '../machines/protection-group/definition.ts';
import type { LocalGroupView } from '../model/group-view.ts';
import { type Instant, type Millis, minute } from '../model/instant.ts';
import { type KubeObject, resources } from '../model/kube.ts';
import { isSignificant, type ObjectChange } from '../model/significance.ts';
import { concernsNamespace, gatherTime, groupPoll, isToldByWatches } from '../runtime/group-schedule.ts';
import { LiveHost } from '../runtime/live-host.ts';
import { reconcileLine } from '../runtime/log-line.ts';
import { begin } from '../runtime/step.ts';
import { type CopiedReads, copiedReads, storageAge, storageAgeInChange } from './copied-reads.ts';
import type { Controller, ControllerPorts } from './controller.ts';
import { followedTypes } from './followed-types.ts';
import { type CopiedType, SiteCopies } from './site-copies.ts';
import { stateHappening } from './state-events.ts';
import { WorkQueue } from './work-queue.ts';

/**
 * What LINSTOR has said may be older than a change, and LINSTOR wakes nobody: so long after a pass over what has changed there are
 * others, the first as soon as LINSTOR may be asked again. A fifth longer than an answer may be old, for the queue comes a little early.
 */
const storageLooks: readonly Millis[] = [1.2 * storageAgeInChange, 1.2 * storageAge];

type GroupHost = LiveHost<ProtectionGroupContext, LocalGroupView>;

/**
 * The Protection Group Controller of one cluster: a machine for each ProtectionGroup. Changes of its objects ask for a pass;
 * once a minute it looks anyway.
 */
export class GroupController implements Controller {
  readonly #ports: ControllerPorts;
  readonly #own: SiteCopies;
  readonly #others: readonly SiteCopies[];
  readonly #copies: CopiedReads;
  readonly #hosts = new Map<string, GroupHost>();
  /** Groups of which something has changed, with how many looks at the storage there have been since. */
  readonly #looks = new Map<string, number>();
  readonly #queue: WorkQueue;

  constructor(ports: ControllerPorts) {
    this.#ports = ports;
    const { settings, driver, clock, random, log, metrics } = ports;
    const types = followedTypes(settings.storageBackend);
    this.#own = this.#copiesOf(settings.cluster, types.own, (change) => this.#noteOwn(change));
    this.#others = this.#otherSites().map((site) =>
      this.#copiesOf(site, types.peers, (change) => this.#noteOther(change)),
    );
    this.#copies = copiedReads(driver, [this.#own, ...this.#others], clock);
    this.#queue = new WorkQueue({
      clock,
      random,
      workers: settings.workers,
      process: (key) => this.#reconcile(key),
      onEnd: (result, duration) => metrics.noteReconcile(result, duration),
      onFailure: (protectionGroup, error, wait) => {
        // Whatever it has in mind may be a part of what is wrong.
        this.#hosts.delete(protectionGroup);
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        log.error('reconcile_failed', { protectionGroup, reason, againInSeconds: Math.round(wait / 1000) });
      },
    });
  }

  get trouble(): readonly string[] {
    return this.#own.stale;
  }

  get queueDepth(): number {
    return this.#queue.depth;
  }

  get groups(): readonly KubeObject[] {
    return this.#own.list({ resource: resources.protectionGroup });
  }

  get operations(): readonly KubeObject[] {
    return [];
  }

  async follow(): Promise<void> {
    // Not waiting for the others: a site must come up without them.
    for (const site of this.#others) void site.start();
    await this.#own.start();
  }

  async work(signal: AbortSignal): Promise<void> {
    this.#hosts.clear();
    for (const group of this.groups) this.#queue.add(keyOf(group), this.#ports.clock.now());
    await this.#queue.run(signal);
  }

  async close(): Promise<void> {
    await Promise.all([this.#own, ...this.#others].map((site) => site.stop()));
  }

  #copiesOf(site: string, types: readonly CopiedType[], onChange: (change: ObjectChange) => void): SiteCopies {
    const { driver, clock, random, log } = this.#ports;
    return new SiteCopies({
      site,
      driver,
      types,
      clock,
      random,
      onChange,
      onTurn: ({ plural }, trouble) => {
        if (trouble === undefined) log.info('copy_synced', { cluster: site, resource: plural });
        else log.warn('copy_stale', { cluster: site, resource: plural, message: trouble });
        for (const group of this.groups) this.#wake(keyOf(group));
      },
    });
  }

  #otherSites(): readonly string[] {
    const { sites, cluster } = this.#ports.settings;
    return sites.filter(({ name, role }) => name !== cluster && role !== 'quorum').map(({ name }) => name);
  }

  #noteOwn(change: ObjectChange): void {
    if (!isSignificant(change)) return;
    this.#copies.noteChange();
    for (const group of this.groups) {
      if (concernsNamespace(change.object, group.metadata.namespace)) this.#wake(keyOf(group));
    }
  }

  /** Of another site only the group itself counts. */
  #noteOther(change: ObjectChange): void {
    if (isSignificant(change) && change.resource.plural === resources.protectionGroup.plural)
      this.#wake(keyOf(change.object));
  }

  #wake(key: string): void {
    this.#looks.set(key, 0);
    this.#queue.add(key, this.#ports.clock.now() + gatherTime);
  }

  /** One pass over a group. Answers when the next one is due; undefined for a group that is not there. */
  async #reconcile(key: string): Promise<Instant | undefined> {
    const host = this.#hosts.get(key) ?? this.#newHost(key);
    if (host === undefined) return undefined;
    this.#hosts.set(key, host);
    const look = this.#nextLook(key);
    const end = await host.pass();
    const storageDue = look === undefined ? Number.POSITIVE_INFINITY : this.#ports.clock.now() + look;
    if (end.how === 'waits') return Math.min(end.until, storageDue);
    this.#hosts.delete(key);
    if (end.how === 'halted') throw new Error(`The next pass would break a promise of safety: ${end.why ?? ''}`);
    return undefined;
  }

  /** How long after this pass the storage is to be looked at again; undefined when nothing has changed of late. */
  #nextLook(key: string): Millis | undefined {
    const looks = this.#looks.get(key) ?? storageLooks.length;
    if (looks + 1 < storageLooks.length) this.#looks.set(key, looks + 1);
    else this.#looks.delete(key);
    return storageLooks[looks];
  }

  #newHost(key: string): GroupHost | undefined {
    const group = this.groups.find((candidate) => keyOf(candidate) === key);
    if (group === undefined) return undefined;
    const { settings, driver, clock, log, events } = this.#ports;
    const { cluster, clusterRole, storageBackend } = settings;
    const { namespace = 'default', name } = group.metadata;
    const place = { cluster, namespace, group: name };
    const input: ProtectionGroupContext = {
      site: cluster,
      namespace,
      group: name,
      otherSites: this.#otherSites(),
      clusterRole,
      storageBackend,
      patience: null,
      connectingSince: null,
      inDoubt: false,
    };
    const { record } = begin(protectionGroupDefinition, input, clock.now());
    let { state } = record;
    return new LiveHost({
      definition: protectionGroupDefinition,
      record,
      driver,
      copies: { driver: this.#copies, suffice: isToldByWatches },
      clock,
      poll: groupPoll,
      journalPatience: minute,
      onRecord: (next) => {
        // What a new process finds is no news, unless it is worrying.
        const happening = stateHappening(protectionGroupDefinition, next.state);
        const isNews = next.state !== state && (state !== record.state || happening.type === 'Warning');
        state = next.state;
        if (isNews) void events.record(group, happening);
      },
      onOutcome: (effect, outcome) => {
        const line = reconcileLine(place, effect, outcome);
        if (line !== undefined) log[line.level](line.message, line.keys);
        else if (outcome.kind !== 'applied') log.warn('status_not_written', { ...place, message: outcome.message });
      },
      onBreach: (breach) => log.error('pass_dropped', { ...place, ...breach }),
    });
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}
