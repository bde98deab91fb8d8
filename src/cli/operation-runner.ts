import type { MachineDefinition, MachineRecord } from '../machines/definition.ts';
import type { OperationContext, OperationKind } from '../machines/operation/context.ts';
import { journalledRecordOf } from '../machines/operation/journal.ts';
import { type LeaseClaim, releaseLeases } from '../machines/operation/leases.ts';
import { isUnfinished } from '../model/failover.ts';
import { type Millis, minute } from '../model/instant.ts';
import type { Json } from '../model/json.ts';
import type { KubeObject } from '../model/kube.ts';
import type { KubeRequest } from '../model/request.ts';
import type { SiteName } from '../model/site.ts';
import type { Journal } from '../runtime/journal.ts';
import { runLive } from '../runtime/live-host.ts';
import type { Clock, Driver } from '../runtime/ports.ts';
import { begin } from '../runtime/step.ts';
import { CommandError } from './command-error.ts';

/** What every order of an operation names. */
interface AnyRequest {
  readonly name: string;
  readonly namespace: string;
  readonly group: string;
}

/** What there is to know of a kind of operation to drive it from here, and to show it. */
export interface DrivenKind<Request extends AnyRequest, Context extends OperationContext, View, Shown> {
  readonly kind: OperationKind<Context>;
  readonly definition: MachineDefinition<Context, View>;
  readonly journal: Journal<Context>;
  readonly claimOf: (context: Context) => LeaseClaim;
  /** The site that keeps the object. */
  readonly homeOf: (request: Request) => SiteName;
  /** The object of a new one. */
  readonly objectOf: (request: Request) => KubeObject;
  /** What people are shown. */
  readonly viewOf: (record: MachineRecord<Context>) => Shown;
  /** The command that goes on with it, or follows it. */
  readonly followCommand: (request: Request) => string;
  /** The command that looks at what it was to do, and changes nothing. */
  readonly lookCommand: (request: Request) => string;
  readonly poll: Millis;
}

/** What an operation is run with. */
export interface RunnerPorts<Shown> {
  readonly driver: Driver;
  readonly clock: Clock;
  /** Identity of this process, as Leases and the operation's object name it. */
  readonly holder: string;
  /** Further sites whose Lease excludes a second operation. */
  readonly otherSites: readonly SiteName[];
  /** Called with every new view of the operation, whoever drives it. */
  readonly onView: (view: Shown) => void;
  /** Leaves the operation where it is; the journal lets another process go on. */
  readonly signal: AbortSignal;
}

export type RunEnd<Request, Shown> =
  | { readonly how: 'ended'; readonly view: Shown }
  /** The operation goes on without us. */
  | { readonly how: 'left'; readonly operation: Request };

/** How often an operation is followed that somebody else drives. */
const followInterval = 500;

/** How long an operation goes on trying to record itself. Nothing is done meanwhile. */
const journalPatience = minute;

/** Drives operations of one kind. */
export class OperationRunner<Request extends AnyRequest, Context extends OperationContext, View, Shown> {
  readonly #driven: DrivenKind<Request, Context, View, Shown>;

  constructor(driven: DrivenKind<Request, Context, View, Shown>) {
    this.#driven = driven;
  }

  /** Creates the object of a new operation and drives it to its end. */
  readonly start = async (request: Request, ports: RunnerPorts<Shown>): Promise<RunEnd<Request, Shown>> => {
    await this.#create(request, ports.driver);
    return this.#drive(request, ports, false);
  };

  /**
   * Goes on with an operation that has been begun: follows whoever drives it, and drives it once its holder's Leases have
   * run out. Ends when the operation ends, by whomever.
   */
  readonly goOn = (request: Request, ports: RunnerPorts<Shown>): Promise<RunEnd<Request, Shown>> =>
    this.#drive(request, ports, true);

  /** Asks whoever drives the operation to give it up. */
  readonly cancel = async (request: Request, driver: Driver): Promise<void> => {
    const outcome = await driver.perform({
      ...this.#request(request, 'patch'),
      patch: 'merge',
      body: { spec: { cancel: true } },
    });
    if (outcome.kind === 'applied') return;
    const { kind, homeOf } = this.#driven;
    throw new CommandError(`Operation ${request.name} could not be cancelled`, {
      reason: outcome.message,
      remedy: `It goes on. Try again: kubectl -n ${request.namespace} patch ${kind.resource.kind.toLowerCase()} ${request.name} --type merge -p '{"spec":{"cancel":true}}' on ${homeOf(request)}`,
    });
  };

  async #drive(request: Request, ports: RunnerPorts<Shown>, patient: boolean): Promise<RunEnd<Request, Shown>> {
    const { definition, journal, viewOf, poll } = this.#driven;
    const { driver, clock, holder, otherSites, onView, signal } = ports;
    const endedElsewhere = new AbortController();
    const following = this.#followUntilEnd(request, ports, endedElsewhere);
    const stop = AbortSignal.any([signal, endedElsewhere.signal]);
    for (let waits = patient; !stop.aborted; waits = true) {
      const now = clock.now();
      const { how, record, why } = await runLive({
        definition,
        record: begin(definition, { request, otherSites, holder, now, patient: waits }, now).record,
        driver,
        clock,
        journal,
        poll: () => poll,
        journalPatience,
        onRecord: (next) => {
          if (next.context.acquired) onView(viewOf(next));
        },
        signal: stop,
      });
      if (how === 'left') await this.#letGo(record.context, driver);
      if (how === 'ended' && record.state !== 'superseded') {
        endedElsewhere.abort();
        return { how: 'ended', view: viewOf(record) };
      }
      if (how === 'unstored' || how === 'halted') {
        endedElsewhere.abort();
        throw how === 'halted' ? this.#halted(request, why ?? '') : this.#unstored(request, why ?? 'no answer');
      }
      // Another drives it now. Should that one die too, it is ours to go on with again.
      await clock.sleepUntil(clock.now() + followInterval, stop);
    }
    const end = await following;
    if (end === undefined) return { how: 'left', operation: request };
    if (end !== 'deleted') return { how: 'ended', view: end.view };
    const { kind, homeOf } = this.#driven;
    throw new CommandError(`Operation ${request.name} was deleted while it was under way`, {
      reason: `its ${kind.resource.kind} object is no longer on ${homeOf(request)}; what it had ordered stays as it is`,
      remedy: `See where the group stands: pgctl get protectiongroup ${request.group} --all-clusters`,
    });
  }

  /** Who leaves an operation lets go of it, so that the next one need not wait for the Leases to run out. */
  async #letGo(context: Context, driver: Driver): Promise<void> {
    if (!context.acquired) return;
    await Promise.all(releaseLeases(this.#driven.claimOf(context)).map((request) => driver.perform(request)));
  }

  /** Reads the object until it has ended, as long as somebody else drives it. Undefined when we were told to leave. */
  async #followUntilEnd(
    request: Request,
    { driver, clock, onView, signal, holder }: RunnerPorts<Shown>,
    ended: AbortController,
  ): Promise<{ readonly view: Shown } | 'deleted' | undefined> {
    const { kind, viewOf } = this.#driven;
    const stop = AbortSignal.any([signal, ended.signal]);
    while (!stop.aborted) {
      const outcome = await driver.perform(this.#request(request, 'get'));
      if (outcome.kind === 'refused' && outcome.reason === 'NotFound' && !stop.aborted) {
        ended.abort();
        return 'deleted';
      }
      const object = outcome.kind === 'applied' ? (outcome.body as unknown as KubeObject) : undefined;
      const record = object === undefined ? undefined : journalledRecordOf(kind, object);
      if (object !== undefined && record !== undefined && record.context.holder !== holder && !stop.aborted) {
        const view = viewOf(record);
        onView(view);
        if (!isUnfinished(object)) {
          ended.abort();
          return { view };
        }
      }
      await clock.sleepUntil(clock.now() + followInterval, stop);
    }
    return undefined;
  }

  async #create(request: Request, driver: Driver): Promise<void> {
    const { homeOf, objectOf, lookCommand } = this.#driven;
    const home = homeOf(request);
    const body = objectOf(request) as unknown as Json;
    const outcome = await driver.perform({ ...this.#request(request, 'create'), body });
    if (outcome.kind === 'applied') return;
    if (outcome.kind === 'unknown') {
      // It may be there: then it is ours, for nobody else makes up the same name.
      const read = await driver.perform(this.#request(request, 'get'));
      if (read.kind === 'applied') return;
      throw new CommandError(`Whether the operation was recorded on ${home} is not known`, {
        reason: outcome.message,
        remedy: `If it was, the Failover Controller carries it out. Look there before anything else: ${lookCommand(request)}`,
      });
    }
    const missing = outcome.kind === 'refused' && outcome.status === 404;
    throw new CommandError(`The operation could not be recorded on ${home}`, {
      reason: outcome.message,
      remedy: missing
        ? `Apply the CRDs there: kubectl --kubeconfig <kubeconfig of ${home}> apply -f protection-group-crd.yaml`
        : 'Nothing was changed. See which clusters answer: pgctl config test',
      exit: missing ? 'notReady' : 'error',
    });
  }

  #unstored(request: Request, why: string): CommandError {
    const { homeOf, followCommand } = this.#driven;
    const home = homeOf(request);
    return new CommandError(`How far operation ${request.name} has come cannot be recorded on ${home}`, {
      reason: why,
      remedy: `Nothing more is done without a record. When ${home} answers again: ${followCommand(request)}`,
    });
  }

  #halted(request: Request, why: string): CommandError {
    const { kind, homeOf } = this.#driven;
    return new CommandError(`Operation ${request.name} was halted: its next step would break a promise of safety`, {
      reason: why,
      remedy: `Nothing of that step was done. Please report this as a defect, with: kubectl -n ${request.namespace} get ${kind.resource.kind.toLowerCase()} ${request.name} -o yaml on ${homeOf(request)}`,
    });
  }

  #request(request: Request, verb: KubeRequest['verb']): KubeRequest {
    const { kind, homeOf } = this.#driven;
    const { namespace, name } = request;
    const base = { api: 'kube' as const, site: homeOf(request), verb, resource: kind.resource, namespace };
    return verb === 'create' ? base : { ...base, name };
  }
}
