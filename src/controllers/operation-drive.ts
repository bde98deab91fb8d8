import type { MachineDefinition } from '../machines/definition.ts';
import { claimOf as failoverClaim } from '../machines/failover/context.ts';
import { failoverDefinition } from '../machines/failover/definition.ts';
import type { OperationContext } from '../machines/operation/context.ts';
import { type LeaseClaim, releaseLeases } from '../machines/operation/leases.ts';
import { claimOf as recoveryClaim } from '../machines/recovery/context.ts';
import { recoveryDefinition } from '../machines/recovery/definition.ts';
import { failoverRequestOf } from '../model/failover.ts';
import { type Instant, minute } from '../model/instant.ts';
import type { KubeObject } from '../model/kube.ts';
import { isRecovery, operationSites } from '../model/operation-sites.ts';
import { recoveryRequestOf } from '../model/recovery/recovery-request.ts';
import { isSignificant } from '../model/significance.ts';
import type { SiteName } from '../model/site.ts';
import { failoverJournal } from '../runtime/failover-journal.ts';
import type { Journal } from '../runtime/journal.ts';
import { LiveHost } from '../runtime/live-host.ts';
import type { LogKeys } from '../runtime/ports.ts';
import { concernsOperation, operationHolder, operationPoll } from '../runtime/operation-schedule.ts';
import { recoveryJournal } from '../runtime/recovery-journal.ts';
import { begin } from '../runtime/step.ts';
import type { ControllerPorts } from './controller.ts';
import { followedForOperations } from './followed-types.ts';
import { SiteCopies } from './site-copies.ts';
import { stateHappening } from './state-events.ts';

/** How long an operation goes on trying to record itself. Nothing is done meanwhile. */
const journalPatience = minute;

/** An operation that is driven from here. */
export interface OperationDrive {
  /** One pass. Answers when the next one is due; undefined when the operation is not driven from here any more. */
  pass(): Promise<Instant | undefined>;
  /** Lets go of it: the next one who drives it need not wait for the Leases to run out. */
  leave(): Promise<void>;
}

/**
 * Begins to drive an operation, from where its journal left it; nothing of it is done before the first pass. `onNews`: a
 * change on one of its sites asks for a pass soon. Operations are few and short: they look at nothing but fresh answers.
 */
export function driveOperation(ports: ControllerPorts, operation: KubeObject, onNews: () => void): OperationDrive {
  if (isRecovery(operation)) {
    const machine = { definition: recoveryDefinition, journal: recoveryJournal, claimOf: recoveryClaim };
    return drive(ports, operation, machine, recoveryRequestOf(operation), onNews);
  }
  const machine = { definition: failoverDefinition, journal: failoverJournal, claimOf: failoverClaim };
  return drive(ports, operation, machine, failoverRequestOf(operation), onNews);
}

interface OperationMachine<Context extends OperationContext, View> {
  readonly definition: MachineDefinition<Context, View>;
  readonly journal: Journal<Context>;
  readonly claimOf: (context: Context) => LeaseClaim;
}

function drive<Context extends OperationContext, View>(
  ports: ControllerPorts,
  operation: KubeObject,
  { definition, journal, claimOf }: OperationMachine<Context, View>,
  request: { readonly namespace: string; readonly group: string },
  onNews: () => void,
): OperationDrive {
  const { settings, driver, clock, log, events } = ports;
  const sites = operationSites(operation);
  const keys = keysOf(operation, definition.id, request.group, settings.cluster);
  const input = {
    request,
    // Of this process alone: the API server itself refuses the journal of one that was succeeded.
    holder: `${operationHolder(settings.cluster, operation)}/${settings.identity}`,
    otherSites: quorumSites(ports).filter((site) => site !== sites.home && site !== sites.peer),
    patient: true,
    now: clock.now(),
  };
  const noteSteps = stepClock(ports, definition.id);
  let state: string | undefined;
  const host = new LiveHost({
    definition,
    record: begin(definition, input, clock.now()).record,
    driver,
    clock,
    journal,
    poll: operationPoll,
    journalPatience,
    onRecord: (record) => {
      noteSteps(record.context);
      if (record.state === state) return;
      state = record.state;
      log.info(`${definition.id}_step`, { ...keys, state });
      void events.record(operation, stateHappening(definition, state));
    },
    onOutcome: (effect, outcome) => {
      const told = { ...keys, order: effect.name, outcome: outcome.kind };
      if (outcome.kind !== 'applied') log.warn(`${definition.id}_order`, { ...told, message: outcome.message });
    },
    onBreach: (breach) => log.error('pass_dropped', { ...keys, ...breach }),
  });
  const stateNow = (): string => host.record.state;
  const followed = followSites(ports, [sites.home, sites.peer], request.namespace, stateNow, onNews);
  return {
    async pass() {
      const end = await host.pass();
      if (end.how === 'waits') return end.until;
      if (end.how === 'unstored' || end.how === 'halted')
        log.error(`${definition.id}_left`, { ...keys, how: end.how, message: end.why ?? '' });
      return undefined;
    },
    async leave() {
      const { context, state: last } = host.record;
      const isHeld = context.acquired && !definition.finalStates.has(last);
      await Promise.all([
        ...followed.map((site) => site.stop()),
        ...(isHeld ? releaseLeases(claimOf(context)).map((release) => driver.perform(release)) : []),
      ]);
    },
  };
}

/** Tells the metrics of each step that ends from now on, once, and of the wait for the Leases. */
function stepClock({ clock, metrics }: ControllerPorts, operation: string): (context: OperationContext) => void {
  const beganAt = clock.now();
  const noted = new Set<string>();
  return ({ acquired, steps }) => {
    if (acquired && !noted.has('acquireLease')) {
      noted.add('acquireLease');
      metrics.noteStep(operation, 'acquireLease', clock.now() - beganAt);
    }
    for (const { name, startedAt, finishedAt } of steps) {
      // Those before that were another process's to tell of.
      if (startedAt === undefined || finishedAt === undefined || finishedAt < beganAt || noted.has(name)) continue;
      noted.add(name);
      metrics.noteStep(operation, name, finishedAt - startedAt);
    }
  };
}

function keysOf({ metadata }: KubeObject, machine: string, group: string, cluster: SiteName): LogKeys {
  const namespace = metadata.namespace ?? 'default';
  return { cluster, [machine]: `${namespace}/${metadata.name}`, protectionGroup: `${namespace}/${group}` };
}

function quorumSites({ settings }: ControllerPorts): readonly SiteName[] {
  return settings.sites.filter(({ role }) => role === 'quorum').map(({ name }) => name);
}

function followSites(
  { settings, driver, clock, random }: ControllerPorts,
  wanted: readonly SiteName[],
  namespace: string,
  state: () => string,
  onNews: () => void,
): readonly SiteCopies[] {
  const known = settings.sites.map(({ name }) => name).filter((name) => wanted.includes(name));
  return known.map((site) => {
    const copies = new SiteCopies({
      site,
      namespace,
      driver,
      types: followedForOperations,
      clock,
      random,
      onChange: (change) => {
        if (isSignificant(change) && concernsOperation(change, state())) onNews();
      },
      // Who cannot follow a site looks at it all the same, as often as it does when nothing happens.
      onTurn: () => undefined,
    });
    void copies.start();
    return copies;
  });
}
