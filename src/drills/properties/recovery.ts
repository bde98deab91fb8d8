import { conditionOf } from '../../model/condition-of.ts';
import { isUnfinished } from '../../model/failover.ts';
import { type Millis, minute, second } from '../../model/instant.ts';
import { listAt, numberAt, textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import { leaseDuration } from '../../model/lease.ts';
import type { SiteName } from '../../model/site.ts';
import { keepsLinstor } from '../liveness/core.ts';
import { type Stage, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import { isUndisturbed } from './disturbance.ts';
import { operationOf } from './orders.ts';
import type { Property } from './property.ts';
import { replicasOf } from './replicas.ts';
import { eachStatus, groupsOf, operationsOf } from './staged-objects.ts';

/** Data that has parted is not kept quiet. */
export const splitBrainSurfaced: Property = {
  id: 'L5',
  name: 'SplitBrainSurfaced',
  says: 'A volume whose replicas have parted for good (StandAlone) is named by the conditions Replicated and SplitBrain on both sites: neither site shows it as replicated, and both show that it has parted. Where LINSTOR does not answer neither can tell which volume: then neither shows that all is well.',
  watch: (stage, judge) => ({
    rested: () => {
      for (const { staged, site, group } of groupsOf(stage)) {
        for (const volume of staged.volumes.filter((each) => isParted(stage, each))) {
          const [replicated, parted] = ['Replicated', 'SplitBrain'].map((type) => conditionOf(group, type));
          const isNamed = [replicated, parted].every((condition) => condition?.message.includes(volume) === true);
          const isSaid =
            (isNamed || !keepsLinstor(stage.tape)) && replicated?.status !== 'True' && parted?.status !== 'False';
          judge.check(isSaid, () => `${site} does not say that the replicas of ${volume} have parted`);
        }
      }
    },
  }),
};

function isParted({ twin: { kernel } }: Stage, volume: string): boolean {
  return replicasOf(kernel, volume).some(({ kind, running, peers }) => {
    if (kind !== 'diskful' || !running) return false;
    return [...peers.values()].some((peer) => peer.kind === 'diskful' && peer.connection === 'StandAlone');
  });
}

/** Who was away while the group was given to another follows. */
export const givesWay: Property = {
  id: 'L17',
  name: 'GivesWay',
  says: 'Once everything is mended no site is told to run a group under a lower epoch than another site that is told to run it.',
  watch: (stage, judge) => ({
    rested: () => {
      const orders = groupsOf(stage).filter(({ group }) => textAt(group, 'spec', 'desiredState') === 'running');
      for (const { staged, site, group } of orders) {
        const epoch = epochOf(group);
        const newer = orders.find((other) => other.staged === staged && epochOf(other.group) > epoch);
        judge.check(
          newer === undefined,
          () =>
            `${site} is still told to run ${staged.name} under epoch ${epoch}, which ${newer?.site} runs by a newer order`,
        );
      }
    },
  }),
};

function epochOf(group: KubeObject): number {
  return numberAt(group, 'spec', 'epoch') ?? 0;
}

/** Who is shown in two minds says why. */
export const noMuteMixed: Property = {
  id: 'L7',
  name: 'NoMuteMixed',
  says: 'A group that is shown as mixed or unknown names each VM that is not as it should be, with a reason and a sentence.',
  watch: (stage, judge) => {
    eachStatus(stage, (site, object) => {
      const state = textAt(object, 'status', 'currentState');
      if (state !== 'mixed' && state !== 'unknown') return;
      const desired = textAt(object, 'spec', 'desiredState');
      for (const vm of listAt(object, 'status', 'virtualMachines')) {
        if (textAt(vm, 'state') === desired) continue;
        const isSaid = [textAt(vm, 'reason'), textAt(vm, 'message')].every((text) => text !== undefined && text !== '');
        judge.check(
          isSaid,
          () => `${site} shows ${state} and does not say why ${textAt(vm, 'name')} is ${textAt(vm, 'state')}`,
        );
      }
    });
    return undefined;
  },
};

/** What is shown catches up with what is. */
export const cacheHeals: Property = {
  id: 'L8',
  name: 'CacheHeal',
  says: 'Once everything has come to rest a group shows its newest generation, and of each VM whether it executes on that site; one whose guest is paused is not shown as stopped.',
  watch: (stage, judge) => ({
    rested: () => {
      const { guests } = stage.twin;
      for (const { staged, site, group } of groupsOf(stage)) {
        const [shown, newest] = [numberAt(group, 'status', 'observedGeneration'), group.metadata.generation];
        judge.check(shown === newest, () => `${staged.name} on ${site} shows generation ${shown} of ${newest}`);
        for (const vm of listAt(group, 'status', 'virtualMachines')) {
          const [name = '', state] = [textAt(vm, 'name'), textAt(vm, 'state')];
          const guest = guests.executing(stageNamespace, name).find(({ cluster }) => cluster === site);
          const isRight =
            guest?.phase === 'paused' ? state !== 'stopped' : (state === 'running') === (guest !== undefined);
          judge.check(isRight, () => `${name} on ${site} is shown as ${state}`);
        }
      }
    },
  }),
};

/** How long an operation may be without a driver: its Lease lapses, and the next look of a controller. */
const takeOverTime: Millis = minute;

/** An operation does not wait for the dead. */
export const leaseHeals: Property = {
  id: 'L9',
  name: 'LeaseHeal',
  says: 'A minute after everything is mended each operation that has not ended is driven by a process that lives, and in the end no Lease is held.',
  watch: (stage, judge) => {
    const { world, hosts, sites } = stage.twin;
    world.route('drill.l9', () => {
      for (const { site, operation } of operationsOf(stage)) {
        const { name } = operation.metadata;
        const drivers = hosts.ids().filter((id) => operationOf(id) === name);
        judge.check(!isUnfinished(operation) || drivers.length > 0, () => `nobody drives ${name} on ${site}`);
      }
    });
    // A Lease that is not renewed lapses, whatever the clock of its holder says.
    const renewedAt = new Map<string, Millis>();
    for (const { name } of sites) {
      world.cluster(name).api.onChange(({ resource, object }) => {
        if (resource.plural === resources.lease.plural) renewedAt.set(placeOf(name, object), world.now);
      });
    }
    const isFree = (site: SiteName, lease: KubeObject): boolean =>
      (textAt(lease, 'spec', 'holderIdentity') ?? '') === '' ||
      world.now - (renewedAt.get(placeOf(site, lease)) ?? 0) > leaseDuration;
    return {
      mended: () => void world.schedule(takeOverTime, 'drill.l9', ''),
      rested: () => {
        for (const { name } of sites) {
          for (const lease of world.cluster(name).api.list(resources.lease, stageNamespace))
            judge.check(isFree(name, lease), () => `${lease.metadata.name} on ${name} is still held`);
        }
      },
    };
  },
};

function placeOf(site: SiteName, { metadata }: KubeObject): string {
  return `${site}/${metadata.name}`;
}

/** The quorum site is a help and no condition. */
export const coreOnly: Property = {
  id: 'L10',
  name: 'CoreOnly',
  says: 'An operation that begins while the quorum site does not answer comes to an end in the time that it was given, though that site stays away, as long as nothing else is broken.',
  watch: (stage, judge) => {
    const { twin, tape, faults } = stage;
    const { world } = twin;
    const quorumSite = twin.sites.find(({ role }) => role === 'quorum')?.name;
    // Faults are looked at one by one; whoever dies is something broken as well.
    if (quorumSite === undefined || !isUndisturbed(tape, ['fault'])) return undefined;
    const isAway = (): boolean => world.network.reach('operator', quorumSite) !== 'open';
    const { failoverSeconds, vmStartSeconds } = tape.timeouts;
    const limit = (failoverSeconds + 2 * vmStartSeconds) * second + minute;
    const onlyThat = (): boolean => faults.list().length === 1 && isAway();
    for (const site of stageSites) {
      world.cluster(site).api.onChange(({ resource, object, old, type }) => {
        if (resource.plural !== resources.failover.plural || !onlyThat()) return;
        if (type === 'ADDED') world.schedule(limit, 'drill.l10', `${site}/${object.metadata.name}`, faults.started);
        // One that has ended by now has done what it should.
        if (old !== undefined && isUnfinished(old) && !isUnfinished(object)) judge.check(true, () => '');
      });
    }
    world.route('drill.l10', ({ key, payload }) => {
      const [site = '', name = ''] = key.split('/');
      const operation = world.cluster(site).api.get(resources.failover, stageNamespace, name);
      if (operation === undefined || !onlyThat() || faults.started !== payload) return;
      judge.check(!isUnfinished(operation), () => `${name} is still under way without ${quorumSite}`);
    });
    return undefined;
  },
};
