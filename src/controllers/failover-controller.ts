import type { MachineDefinition, MachineRecord } from '../machines/definition.ts';
import { failoverDefinition } from '../machines/failover/definition.ts';
import type { OperationContext } from '../machines/operation/context.ts';
import { releaseLeases } from '../machines/operation/leases.ts';
import { recoveryDefinition } from '../machines/recovery/definition.ts';
import { failoverRequestOf } from '../model/failover.ts';
import { type Instant, minute } from '../model/instant.ts';
import { type KubeObject, resources } from '../model/kube.ts';
import { isRecovery, operationSites } from '../model/operation-sites.ts';
import { recoveryRequestOf } from '../model/recovery/recovery-request.ts';
import { isSignificant } from '../model/significance.ts';
import type { SiteName } from '../model/site.ts';
import { failoverJournal } from '../runtime/failover-journal.ts';
import { gatherTime } from '../runtime/group-schedule.ts';
import type { Journal } from '../runtime/journal.ts';
import { LiveHost, type LivePassEnd } from '../runtime/live-host.ts';
import { concernsOperation, operationHolder, operationPoll, TakingUp } from '../runtime/operation-schedule.ts';
import { recoveryJournal } from '../runtime/recovery-journal.ts';
import { begin } from '../runtime/step.ts';
import type { Controller, ControllerPorts } from './controller.ts';
import { sendHeartbeats } from './heartbeats.ts';
import { type CopiedType, SiteCopies } from './site-copies.ts';
import { WorkQueue } from './work-queue.ts';

/** How long an operation goes on trying to record itself. Nothing is done meanwhile. */
const journalPatience = minute;

const operationTypes: readonly CopiedType[] = [{ resource: resources.failover }, { resource: resources.recovery }];

/** What is followed on both sites of an operation, so that it is looked at when something has happened. */
const wakingTypes: readonly CopiedType[] = [
  { resource: resources.lease },
  { resource: resources.failover },
  { resource: resources.recovery },
  { resource: resources.protectionGroup },
  { resource: resources.virtualMachine },
  { resource: resources.virtualMachineInstance },
  { resource: resources.pod, labelSelector: 'kubevirt.io=virt-launcher' },
];

/** What drives an operation, of whatever kind. */
interface AnyHost {
  readonly record: MachineRecord<OperationContext>;
  pass(): Promise<LivePassEnd<OperationContext>>;
}

/** An operation that is driven from here. */
interface Drive {
  readonly operation: KubeObject;
  readonly host: AnyHost;
  readonly followed: readonly SiteCopies[];
}

/**
 * The Failover Controller of one cluster: it drives every operation whose object its cluster keeps and that nobody else drives,
 * from where its journal left it, and tells the quorum cluster that the site is alive. Operations are few and short: they look at
 * nothing but fresh answers.
 */
export class FailoverController implements Controller {
  readonly #ports: ControllerPorts;
  readonly #operations: SiteCopies;
  readonly #takingUp: TakingUp;
  readonly #drives = new Map<string, Drive>();
  readonly #queue: WorkQueue;

  constructor(ports: ControllerPorts) {
    this.#ports = ports;
    const { settings, driver, clock, random, log } = ports;
    this.#takingUp = new TakingUp(settings.cluster);
    this.#operations = new SiteCopies({
      site: settings.cluster,
      driver,
      types: operationTypes,
      clock,
      random,
      onChange: ({ type, object }) => {
        if (type === 'ADDED') this.#queue.add(keyOf(object), clock.now());
        if (type === 'DELETED') this.#takingUp.forget(object);
      },
      onTurn: ({ plural }, trouble) => {
        if (trouble === undefined) log.info('copy_synced', { cluster: settings.cluster, resource: plural });
        else log.warn('copy_stale', { cluster: settings.cluster, resource: plural, message: trouble });
      },
    });
    this.#queue = new WorkQueue({
      clock,
      random,
      workers: settings.workers,
      process: (key) => this.#consider(key),
      onFailure: (operation, error, wait) => {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        log.error('operation_pass_failed', { operation, reason, againInSeconds: Math.round(wait / 1000) });
      },
    });
  }

  get trouble(): readonly string[] {
    return this.#operations.stale;
  }

  get queueDepth(): number {
    return this.#queue.depth;
  }

  follow(): Promise<void> {
    return this.#operations.start();
  }

  async work(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    for (const operation of this.#list()) this.#queue.add(keyOf(operation), clock.now());
    await Promise.all([this.#queue.run(signal), sendHeartbeats(this.#ports, signal)]);
    await Promise.all([...this.#drives.keys()].map((key) => this.#leave(key)));
  }

  close(): Promise<void> {
    return this.#operations.stop();
  }

  #list(): readonly KubeObject[] {
    return operationTypes.flatMap((type) => this.#operations.list(type));
  }

  /** A pass over an operation that is driven from here, or a look at whether it is to be. Answers when to come back. */
  async #consider(key: string): Promise<Instant | undefined> {
    const { clock, log } = this.#ports;
    const operation = this.#list().find((candidate) => keyOf(candidate) === key);
    const taken = operation && this.#takingUp.consider(operation, clock.now());
    const drive = this.#drives.get(key) ?? (operation && taken?.isDue === true ? this.#take(operation) : undefined);
    if (drive === undefined) return taken?.considerAt;
    this.#drives.set(key, drive);
    const end = await drive.host.pass();
    if (end.how === 'waits') return end.until;
    if (end.how === 'unstored' || end.how === 'halted')
      log.error('operation_left', { operation: key, how: end.how, message: end.why ?? '' });
    await this.#leave(key);
    return taken?.considerAt;
  }

  #take(operation: KubeObject): Drive {
    const { home, peer } = operationSites(operation);
    const host = isRecovery(operation)
      ? this.#host(operation, recoveryDefinition, recoveryJournal, recoveryRequestOf(operation))
      : this.#host(operation, failoverDefinition, failoverJournal, failoverRequestOf(operation));
    const { namespace = 'default' } = operation.metadata;
    return { operation, host, followed: this.#followSites([home, peer], namespace, keyOf(operation), host) };
  }

  #host<Context extends OperationContext, View>(
    operation: KubeObject,
    definition: MachineDefinition<Context, View>,
    journal: Journal<Context>,
    request: OperationContext['request'],
  ): AnyHost {
    const { settings, driver, clock, log } = this.#ports;
    const { home, peer } = operationSites(operation);
    const named = { cluster: settings.cluster, [definition.id]: nameOf(operation) };
    const input = {
      request,
      // Of this process alone: the API server itself refuses the journal of one that was succeeded.
      holder: `${operationHolder(settings.cluster, operation)}/${settings.identity}`,
      otherSites: this.#quorumSites().filter((site) => site !== home && site !== peer),
      patient: true,
      now: clock.now(),
    };
    let logged: string | undefined;
    return new LiveHost({
      definition,
      record: begin(definition, input, clock.now()).record,
      driver,
      clock,
      journal,
      poll: operationPoll,
      journalPatience,
      onRecord: ({ state }) => {
        if (state === logged) return;
        logged = state;
        log.info(`${definition.id}_step`, { ...named, protectionGroup: request.group, state });
      },
      onOutcome: (effect, outcome) => {
        if (outcome.kind !== 'applied')
          log.warn(`${definition.id}_order`, {
            ...named,
            order: effect.name,
            outcome: outcome.kind,
            message: outcome.message,
          });
      },
      onBreach: (breach) => log.error('pass_dropped', { ...named, ...breach }),
    });
  }

  #followSites(
    wanted: readonly SiteName[],
    namespace: string,
    key: string,
    host: Drive['host'],
  ): readonly SiteCopies[] {
    const { settings, driver, clock, random } = this.#ports;
    const known = settings.sites.map(({ name }) => name).filter((name) => wanted.includes(name));
    return known.map((site) => {
      const copies = new SiteCopies({
        site,
        namespace,
        driver,
        types: wakingTypes,
        clock,
        random,
        onChange: (change) => {
          if (isSignificant(change) && concernsOperation(change, host.record.state))
            this.#queue.add(key, clock.now() + gatherTime);
        },
        // Who cannot follow a site looks at it all the same, as often as it does when nothing happens.
        onTurn: () => undefined,
      });
      void copies.start();
      return copies;
    });
  }

  #quorumSites(): readonly SiteName[] {
    return this.#ports.settings.sites.filter(({ role }) => role === 'quorum').map(({ name }) => name);
  }

  /** Lets go of an operation: the next one who drives it need not wait for the Leases to run out. */
  async #leave(key: string): Promise<void> {
    const drive = this.#drives.get(key);
    this.#drives.delete(key);
    if (drive === undefined) return;
    const { context } = drive.host.record;
    const isLeft = context.acquired && context.verdict === undefined;
    const releases = isLeft ? releaseLeases({ context, ...operationSites(drive.operation) }) : [];
    await Promise.all([
      ...drive.followed.map((site) => site.stop()),
      ...releases.map((request) => this.#ports.driver.perform(request)),
    ]);
  }
}

function keyOf(operation: KubeObject): string {
  return `${operation.kind}/${nameOf(operation)}`;
}

function nameOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}
