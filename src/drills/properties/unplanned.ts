import { type DrbdTold, drbdToldBy } from '../../machines/drbd-told.ts';
import { type ConsentKind, consentsOf } from '../../model/consent.ts';
import { listAt, textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import type { RecoveryConsentKind } from '../../model/recovery/recovery-request.ts';
import { groupNamed, type Stage, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import { acceptsLosses } from '../tape.ts';
import { onJournalWrite, operationOf, stepOf } from './operation-writes.ts';
import { isStartOrder } from './orders.ts';
import type { Property } from './property.ts';
import { lacksWritesOn, replicasOn } from './replicas.ts';
import { watchUpElsewhere } from './up-elsewhere.ts';

/**
 * The same property, for runs in which nobody orders a failover without its source. Where somebody does, and accepts that both
 * sides may write and that data may be lost, that comes to pass in some of them; `consentBound` judges what is accepted.
 */
export function withoutUnplanned(property: Property): Property {
  return {
    ...property,
    watch: (stage, judge) => (acceptsLosses(stage.tape) ? undefined : property.watch(stage, judge)),
  };
}

/** Nothing is risked that nobody has accepted. */
export const consentBound: Property = {
  id: 'S29',
  name: 'ConsentBound',
  says: 'Without a consent to what cannot be proven no site is ordered to run a group while it executes on the other, or is seen to be Primary there; DRBD is told to do something only with a consent to force it, or by a recovery, and only where role and data are as they were seen; a recovery has a copy given up, its blocks replaced or its openers cut off only with a consent to that.',
  watch: (stage, judge) => {
    const upElsewhere = watchUpElsewhere(stage);
    stage.onRequest.add((sent) => {
      const { host, request, outcome } = sent;
      const told = drbdToldBy(request, []);
      if (told !== undefined) {
        const isAllowed =
          told.isGuarded && (has(operationOf(stage, host), 'ForceQuorum') || isOfRecovery(stage, host, told));
        judge.check(isAllowed, () => `${host} tells DRBD on ${told.request.site} something that nobody has accepted`);
        return;
      }
      if (!isStartOrder(request) || outcome.kind !== 'applied') return;
      const up = upElsewhere(sent, request.name ?? '', request.site);
      const isAccepted = has(operationOf(stage, host), 'UnverifiedSource');
      judge.check(up.length === 0 || isAccepted, () => `${host} starts ${request.site} while ${up.join(', ')}`);
    });
    return undefined;
  },
};

/** What was forced is as any other volume when the force is over. */
export const forceIsOver: Property = {
  id: 'S31',
  name: 'ForceIsOver',
  says: 'When DRBD is shown to have been forced no volume of the group is left Primary on the target with nobody who has it open.',
  watch: (stage, judge) => {
    const shown = new Set<string>();
    onJournalWrite(stage, ({ operation }) => {
      const { name } = operation.metadata;
      if (textAt(stepOf(operation, 'forceVolumes'), 'state') !== 'done' || shown.has(name)) return;
      shown.add(name);
      const target = textAt(operation, 'spec', 'targetCluster') ?? '';
      for (const volume of groupNamed(stage, textAt(operation, 'spec', 'protectionGroup') ?? '').volumes) {
        const left = replicasOn(stage.twin, volume, target).filter(
          ({ running, role, openers }) => running && role === 'Primary' && openers.size === 0,
        );
        judge.check(left.length === 0, () => `${volume} is left Primary on ${left.map(({ node }) => node).join(', ')}`);
      }
    });
    return undefined;
  },
};

/** No data is lost that nobody has given up. */
export const lossBound: Property = {
  id: 'S30',
  name: 'LossBound',
  says: 'A site that is ordered to run a group lacks acknowledged writes only where a person has accepted, in this operation or an earlier one, a loss of data, or a source that cannot be proven to stand still.',
  watch: (stage, judge) => {
    const givenUp = new Set<string>();
    stage.onRequest.add(({ host, request, outcome }) => {
      if (!isStartOrder(request) || outcome.kind !== 'applied') return;
      const { name = '' } = request;
      const operation = operationOf(stage, host);
      if (has(operation, 'DataLoss') || has(operation, 'UnverifiedSource')) givenUp.add(name);
      if (givenUp.has(name)) return;
      for (const volume of groupNamed(stage, name).volumes) {
        judge.check(
          !lacksWritesOn(stage.twin, volume, request.site),
          () => `${host} starts ${request.site}, which lacks writes of ${volume} that nobody has given up`,
        );
      }
    });
    return undefined;
  },
};

/** In the end a VM is in one place, whatever a person has risked. */
export const oneSideInTheEnd: Property = {
  id: 'L18',
  name: 'OneSideInTheEnd',
  says: 'Once everything is mended and has come to rest no VM executes on two clusters, also after a failover without its source.',
  watch: (stage, judge) => ({
    rested: () => {
      const { guests } = stage.twin;
      for (const vm of stage.groups.flatMap(({ members }) => members)) {
        const clusters = new Set(guests.executing(stageNamespace, vm).map(({ cluster }) => cluster));
        judge.check(clusters.size < 2, () => `${vm} executes on ${[...clusters].join(' and ')}`);
      }
    },
  }),
};

/** True for a command of a recovery that gives up nothing but what a person has accepted. */
function isOfRecovery({ twin: { world } }: Stage, host: string, { type }: DrbdTold): boolean {
  const name = host.slice(host.lastIndexOf('/') + 1);
  const recovery = stageSites
    .map((site) => world.cluster(site).api.get(resources.recovery, stageNamespace, name))
    .find((found) => found !== undefined);
  const needed = type && consentNeeds.get(type);
  const given = listAt(recovery, 'spec', 'consents').map((consent) => textAt(consent, 'kind'));
  return recovery !== undefined && (needed === undefined || given.includes(needed));
}

/** What DRBD is told only with a consent, and to what. */
const consentNeeds: ReadonlyMap<DrbdTold['type'], RecoveryConsentKind> = new Map([
  ['ConnectDiscarding', 'DiscardCopy'],
  ['InvalidateMarked', 'ReplaceBlocks'],
  ['DemoteByForce', 'DemoteByForce'],
]);

function has(operation: KubeObject | undefined, kind: ConsentKind): boolean {
  return consentsOf(listAt(operation, 'spec', 'consents')).some((consent) => consent.kind === kind);
}
