import { conditionOf } from '../../model/condition-of.ts';
import { isUnfinished } from '../../model/failover.ts';
import { instantOf, type Millis, minute, second } from '../../model/instant.ts';
import { textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/kube.ts';
import { isChange } from '../interference.ts';
import { keepsLinstor, losesTiebreaker } from '../liveness/core.ts';
import type { Stage } from '../stage.ts';
import { acceptsLosses } from '../tape.ts';
import type { Property } from './property.ts';
import { replicasOf } from './replicas.ts';
import { groupsOf, operationsOf } from './staged-objects.ts';

/** After everything is mended, what is desired comes about. */
export const desiredComesAbout: Property = {
  id: 'L1',
  name: 'Stable',
  says: 'Once everything is mended, or all but the quorum site, and every operation has ended, each site does what its group is told to do, provided that LINSTOR answers and no failover without its source has parted the copies.',
  watch: (stage, judge) => ({
    rested: () => {
      if (!keepsLinstor(stage.tape) || (acceptsLosses(stage.tape) && haveParted(stage))) return;
      for (const { staged, site, group } of groupsOf(stage)) {
        const [desired, current] = [textAt(group, 'spec', 'desiredState'), textAt(group, 'status', 'currentState')];
        judge.check(
          desired === current,
          () => `${staged.name} on ${site} is to be ${desired} and is ${current}: ${blockersOf(group)}`,
        );
      }
    },
  }),
};

/** An operation ends, for better or worse. */
export const operationsEnd: Property = {
  id: 'L2',
  name: 'Termination',
  says: 'Every operation that was recorded comes to an end, with its reason and the next command where it is no success.',
  watch: (stage, judge) => ({
    rested: () => {
      for (const { site, operation } of operationsOf(stage)) {
        const { name } = operation.metadata;
        const phase = textAt(operation, 'status', 'phase') ?? 'nothing';
        judge.check(!isUnfinished(operation), () => `${name} on ${site} is still ${phase}`);
        const saysMore = phase === 'Succeeded' || (textAt(operation, 'status', 'nextCommand') ?? '') !== '';
        judge.check(
          isUnfinished(operation) || saysMore,
          () => `${name} on ${site} ended as ${phase} without the next command`,
        );
      }
    },
  }),
};

/** What a calm planned failover may take. */
const calmLimit: Millis = 2 * minute;

/** Nothing is slow when nothing is wrong. */
export const calmIsFast: Property = {
  id: 'L3',
  name: 'RecoveryTime',
  says: 'A planned failover in which nothing goes wrong succeeds within two minutes.',
  watch: (stage, judge) => {
    const { items, timeouts } = stage.tape;
    const orders = items.filter(({ kind }) => kind === 'failover');
    const isOrdinary =
      timeouts.failoverSeconds >= 120 && timeouts.vmStartSeconds >= 60 && timeouts.drbdWaitSeconds >= 10;
    if (items.length > orders.length || orders.length !== 1 || !isOrdinary || timeouts.taintRemovalWindowSeconds < 10)
      return undefined;
    return {
      rested: () => {
        for (const { operation } of operationsOf(stage)) {
          const phase = textAt(operation, 'status', 'phase');
          const [start = 0, end = 0] = ['startTime', 'completionTime'].map(
            (field) => instantOf(textAt(operation, 'status', field)) ?? 0,
          );
          judge.check(phase === 'Succeeded', () => `${operation.metadata.name} ended as ${phase}`);
          judge.check(end - start <= calmLimit, () => `it took ${(end - start) / second} s`);
        }
      },
    };
  },
};

/** The volumes follow again. */
export const replicationHeals: Property = {
  id: 'L6',
  name: 'Failback',
  says: 'Once everything is mended, or all but the quorum site, the volumes are in sync again, so that the way back is open, provided that LINSTOR answers, no tiebreaker is lost or has been parted from (StandAlone), some copy is UpToDate, and no failover without its source has parted the copies: the rest takes a person.',
  watch: (stage, judge) => ({
    rested: () => {
      if (!keepsLinstor(stage.tape) || losesTiebreaker(stage.tape) || isPartedFromTiebreaker(stage)) return;
      if (lacksNewest(stage) || (acceptsLosses(stage.tape) && haveParted(stage))) return;
      for (const { staged, site, group } of groupsOf(stage)) {
        const replicated = conditionOf(group, 'Replicated');
        judge.check(
          replicated?.status === 'True',
          () => `${staged.name} on ${site} is not Replicated: ${replicated?.message ?? 'no condition'}`,
        );
      }
    },
  }),
};

/**
 * True when a tiebreaker and a replica have refused each other for good, as they do when both sites were lost one after the
 * other: the one that comes back first is older than what the tiebreaker has seen, and DRBD does not ask again. One end is enough:
 * the other asks in vain, once its node has been lost again.
 */
function isPartedFromTiebreaker({ twin: { kernel } }: Stage): boolean {
  return kernel
    .resourceNames()
    .some((name) =>
      replicasOf(kernel, name).some(({ kind, peers }) =>
        [...peers.values()].some((peer) => kind !== peer.kind && peer.connection === 'StandAlone'),
      ),
    );
}

/**
 * True when no copy of a volume is known to be the newest: a Primary that was suspended, for want of quorum or of data, and saw
 * its peer again before it had let go, leaves them so, and DRBD has no way out of it by itself.
 */
function lacksNewest({ twin: { kernel } }: Stage): boolean {
  return kernel.resourceNames().some((name) => replicasOf(kernel, name).every(({ disk }) => disk !== 'UpToDate'));
}

/**
 * True when copies refuse each other for good, StandAlone or in a loop of attempts: that both sides wrote is what a person may
 * have accepted.
 */
function haveParted({ twin: { kernel } }: Stage): boolean {
  return kernel
    .resourceNames()
    .some((name) =>
      replicasOf(kernel, name).some((replica) =>
        [...replica.peers.values()].some((peer) => peer.kind === 'diskful' && peer.connection !== 'Connected'),
      ),
    );
}

/**
 * Time at the end of a run in which nothing happens any more. Who goes on writing does so once a minute at least; and six minutes into
 * the calm a group may still learn that its copies have tried in vain to connect.
 */
const restTime: Millis = 90 * second;

/** At rest nobody writes. */
export const fixpoint: Property = {
  id: 'S15',
  name: 'Fixpoint',
  says: 'When everything has come to rest no host writes any more.',
  watch: ({ twin: { world }, onRequest }, judge) => {
    let last: { readonly at: Millis; readonly what: string } | undefined;
    onRequest.add(({ host, request }) => {
      if (isChange(request)) last = { at: world.now, what: `${host}: ${request.verb} ${request.resource.plural}` };
    });
    return {
      rested: () =>
        judge.check(
          last === undefined || last.at <= world.now - restTime,
          () => `a write at rest, ${(world.now - (last?.at ?? 0)) / second} s before the end, by ${last?.what}`,
        ),
    };
  },
};

function blockersOf(group: KubeObject): string {
  return conditionOf(group, 'Ready')?.message ?? 'no condition says why';
}
