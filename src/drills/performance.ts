import { consentKinds } from '../model/consent.ts';
import type { FailoverRequest } from '../model/failover.ts';
import { type Millis, minute } from '../model/instant.ts';
import { textAt } from '../model/json.ts';
import { type KubeObject, type ResourceType, resources } from '../model/kube.ts';
import type { RecoveryRequest } from '../model/recovery/recovery-request.ts';
import type { SiteName } from '../model/site.ts';
import { backendField } from '../model/storage-backend.ts';
import { FaultError } from '../twin/faults/fault.ts';
import { orderFailover } from '../twin/operator.ts';
import { answerTo } from '../twin/protect.ts';
import { accepted, orderRecovery } from '../twin/recovery-order.ts';
import { orderUnplanned } from '../twin/unplanned-order.ts';
import type { FiredFaults } from './faults/fired-faults.ts';
import type { RecordKeeper } from './record-keeper.ts';
import { firstGroup, type Stage, stageNamespace } from './stage.ts';
import { otherSite, stageSites } from './stage-sites.ts';
import { requestOfPerson } from './kubectl.ts';
import { syncByPerson } from './sync-by-person.ts';
import { isTimed, type TimedItem } from './tape.ts';

/** When a person resumes paused guests once everything is mended: DRBD has found its peers again by then. */
const resumeDelay: Millis = minute;

/** Brings the timed items of a tape about, each when its trigger says so. */
export class Performance {
  readonly #stage: Stage;
  readonly #keeper: RecordKeeper;
  readonly #fired: FiredFaults;
  readonly #items: readonly TimedItem[];
  readonly #begun = new Set<number>();
  readonly #planned = new Set<number>();
  readonly #states = new Map<string, string>();
  readonly #forGood = new Set<string>();
  #pendingHeals = 0;
  #lastOrderAt: Millis;

  constructor(stage: Stage, keeper: RecordKeeper, fired: FiredFaults) {
    this.#stage = stage;
    this.#keeper = keeper;
    this.#fired = fired;
    this.#items = stage.tape.items.filter(isTimed);
    const { world } = stage.twin;
    this.#lastOrderAt = world.now;
    world.route('drill.item', ({ key }) => this.#begin(Number(key)));
    world.route('drill.mend', ({ key }) => this.#mend(key));
    world.route('drill.resume', () => this.#resume());
    world.route('drill.restart-paused', () => this.#restart());
    this.#items.forEach(({ when }, index) => {
      if ('at' in when) this.#plan(index, when.at);
    });
    for (const site of stageSites) {
      world.cluster(site).api.onChange(({ resource, object }) => {
        if (resource.plural === resources.failover.plural || resource.plural === resources.recovery.plural)
          this.#follow(object);
        if (resource.plural === resources.recovery.plural && textAt(object, 'status', 'phase') === 'Succeeded')
          this.#stage.twin.world.schedule(resumeDelay, 'drill.restart-paused', '');
      });
    }
    stage.twin.guests.onChange((guest) => keeper.trace(`${guest.vm} on ${guest.node} is ${guest.phase}`));
  }

  /** World time after the beginning at which the last item with a time of its own happens. */
  get lastItemAt(): Millis {
    return Math.max(0, ...this.#items.map(({ when }) => ('at' in when ? when.at : 0)));
  }

  /** World time at which a person ordered last; that of the beginning before anybody has. */
  get lastOrderAt(): Millis {
    return this.#lastOrderAt;
  }

  /** True when every item has happened whose moment is known, and what was to be mended is. */
  get isPlayed(): boolean {
    return this.#pendingHeals === 0 && [...this.#planned].every((index) => this.#begun.has(index));
  }

  /** Mends whatever is still broken and not for good. Items that have not happened by now, and do not wait for that, never will. */
  mendEverything(): void {
    this.#items.forEach(({ when }, index) => {
      if ('mended' in when) this.#plan(index, when.mended);
      else this.#begun.add(index);
    });
    const { faults } = this.#stage;
    const mended =
      this.#forGood.size === 0
        ? faults.heal(undefined)
        : faults.list().flatMap(({ id }) => (this.#forGood.has(id) ? [] : faults.heal(id)));
    this.#stage.twin.world.schedule(resumeDelay, 'drill.resume', '');
    this.#keeper.note(
      mended.length === 0 ? 'nothing is left to mend' : `mended: ${mended.map(({ says }) => says).join('; ')}`,
    );
  }

  /** What KubeVirt leaves to a person: a guest that was paused by failed I/O goes on when it is told to. */
  #resume(): void {
    const { guests } = this.#stage.twin;
    for (const { podUid, phase } of guests.all()) if (phase === 'paused') guests.resume(podUid);
  }

  /** A guest whose disk has been cut off and replaced under it cannot go on: a person has it begin anew. */
  #restart(): void {
    const { guests, world } = this.#stage.twin;
    for (const { vm, cluster, phase } of guests.all()) {
      if (phase !== 'paused') continue;
      const place = { resource: resources.virtualMachineInstance, namespace: stageNamespace, name: vm } as const;
      world.perform({ api: 'kube', site: cluster, verb: 'delete', ...place }, 'operator');
      this.#keeper.note(`a person restarts ${vm} on ${cluster}`);
    }
  }

  #plan(index: number, delay: Millis): void {
    this.#planned.add(index);
    this.#stage.twin.world.schedule(delay, 'drill.item', String(index));
  }

  #begin(index: number): void {
    const item = this.#items[index];
    if (item === undefined || this.#begun.has(index)) return;
    this.#begun.add(index);
    if (this.#perform(item)) this.#fired.note(item);
  }

  /** False when there is nothing that the item could do. */
  #perform(item: TimedItem): boolean {
    switch (item.kind) {
      case 'failover':
        return this.#order(item);
      case 'recovery':
        return this.#recover(item);
      case 'cancel':
        return this.#cancel(item.operation);
      case 'edit':
        return this.#edit(item);
      case 'sync':
        return this.#sync(item);
      case 'fault':
        return this.#break(item);
      case 'kubectl':
        return this.#send(item);
    }
  }

  #order(item: Extract<TimedItem, { kind: 'failover' }>): boolean {
    const { name, to, group = firstGroup, mode = 'Planned', accepts = consentKinds } = item;
    const { tape, twin } = this.#stage;
    const request: FailoverRequest = {
      name,
      namespace: stageNamespace,
      group,
      source: otherSite(to),
      target: to,
      mode,
      rollBack: mode === 'Planned',
      ...backendField(twin.storageBackend),
      timeouts: tape.timeouts,
      requestedBy: { user: 'operator', host: 'desk', client: 'pgctl' },
    };
    this.#lastOrderAt = twin.world.now;
    const order = mode === 'Planned' ? orderFailover(twin, request) : orderUnplanned(twin, request, accepts);
    this.#keeper.note(
      `pgctl failover to ${to}${mode === 'Planned' ? '' : ' --unplanned'} (${name})${order.kind === 'driven' ? '' : `: not recorded, ${order.why}`}`,
    );
    this.#keeper.mark(`order ${order.kind}`);
    return true;
  }

  #recover({ name, survivor, repair, group = firstGroup }: Extract<TimedItem, { kind: 'recovery' }>): boolean {
    const { twin } = this.#stage;
    const [home] = stageSites;
    const driver = survivor ?? home;
    const request: RecoveryRequest = {
      name,
      namespace: stageNamespace,
      group,
      driver,
      other: otherSite(driver),
      action: survivor === undefined ? 'Verify' : 'Resolve',
      ...(survivor === undefined ? {} : { survivor }),
      ...(repair === undefined ? {} : { repair }),
      snapshot: true,
      consents: [],
      requestedBy: { user: 'operator', host: 'desk', client: 'pgctl' },
    };
    this.#lastOrderAt = twin.world.now;
    const order = orderRecovery(twin, accepted(twin, request));
    const words = survivor === undefined ? 'verify' : `recover --survivor ${survivor}`;
    this.#keeper.note(`pgctl ${words} (${name})${order.kind === 'driven' ? '' : `: not recorded, ${order.why}`}`);
    this.#keeper.mark(`order ${order.kind}`);
    return true;
  }

  #cancel(operation: string): boolean {
    const found = stageSites
      .flatMap((site) => [resources.failover, resources.recovery].map((resource) => ({ site, resource })))
      .find(({ site, resource }) => this.#objectOn(site, resource, operation) !== undefined);
    if (found === undefined) return false;
    const place = { ...found, namespace: stageNamespace, name: operation } as const;
    const outcome = answerTo(this.#stage.twin, {
      api: 'kube',
      verb: 'patch',
      patch: 'merge',
      ...place,
      body: { spec: { cancel: true } },
    });
    this.#keeper.note(`a person cancels ${operation}: ${outcome.kind}`);
    this.#keeper.mark(`cancel ${outcome.kind} in ${this.#states.get(operation) ?? 'no state'}`);
    return outcome.kind === 'applied';
  }

  #edit({ site, desiredState, group = firstGroup }: Extract<TimedItem, { kind: 'edit' }>): boolean {
    const outcome = answerTo(this.#stage.twin, {
      api: 'kube',
      verb: 'patch',
      patch: 'merge',
      site,
      resource: resources.protectionGroup,
      namespace: stageNamespace,
      name: group,
      body: { spec: { desiredState } },
    });
    this.#keeper.note(`a person sets ${group} on ${site} to ${desiredState}: ${outcome.kind}`);
    this.#keeper.mark(`edit ${desiredState}`);
    return outcome.kind === 'applied';
  }

  #sync({ from, group = firstGroup }: Extract<TimedItem, { kind: 'sync' }>): boolean {
    const { kind, says } = syncByPerson(this.#stage, group, from);
    this.#keeper.note(`pgctl sync of ${group} to ${otherSite(from)}: ${kind}, ${says}`);
    this.#keeper.mark(`sync ${kind}`);
    return kind !== 'blocked';
  }

  #send(item: Extract<TimedItem, { kind: 'kubectl' }>): boolean {
    const outcome = answerTo(this.#stage.twin, requestOfPerson(item));
    const of = item.name === undefined ? '' : ` ${item.name}`;
    const answer = outcome.kind === 'applied' ? 'applied' : `${outcome.kind}, ${outcome.message}`;
    this.#keeper.note(`kubectl ${item.verb} ${item.resource}${of} on ${item.site}: ${answer}`);
    this.#keeper.mark(`kubectl ${item.verb} ${item.resource} ${outcome.kind}`);
    return true;
  }

  #break({ fault, lasts }: Extract<TimedItem, { kind: 'fault' }>): boolean {
    const { twin, faults } = this.#stage;
    try {
      const { id, says } = faults.inject(fault, twin.world.wall());
      this.#keeper.note(says);
      this.#keeper.mark(`fault ${fault.kind}`);
      if (lasts === 'forGood') this.#forGood.add(id);
      if (lasts === undefined || lasts === 'forGood') return true;
      this.#pendingHeals++;
      twin.world.schedule(lasts, 'drill.mend', id);
      return true;
    } catch (error) {
      // A VM that runs nowhere cannot lose its node: such an item does nothing.
      if (!(error instanceof FaultError)) throw error;
      this.#keeper.note(`nothing happens: ${error.message}`);
      return false;
    }
  }

  #mend(id: string): void {
    this.#pendingHeals--;
    const { faults } = this.#stage;
    if (!faults.list().some((active) => active.id === id)) return;
    for (const { says } of faults.heal(id)) this.#keeper.note(`mended: ${says}`);
  }

  /** Follows an operation through its journal, and plans the items that wait for one of its states. */
  #follow(object: KubeObject): void {
    const { name } = object.metadata;
    const state = textAt(object, 'status', 'record', 'state');
    if (state === undefined || this.#states.get(name) === state) return;
    this.#states.set(name, state);
    this.#keeper.note(`${name}: ${state}, driven by ${textAt(object, 'status', 'holder') ?? 'nobody'}`);
    this.#keeper.mark(`state ${state}`);
    this.#keeper.mark(`${name} ${state}`);
    this.#items.forEach(({ when }, index) => {
      if ('state' in when && when.operation === name && when.state === state && !this.#planned.has(index))
        this.#plan(index, when.after ?? 0);
    });
  }

  #objectOn(site: SiteName, resource: ResourceType, name: string): KubeObject | undefined {
    return this.#stage.twin.world.cluster(site).api.get(resource, stageNamespace, name);
  }
}
