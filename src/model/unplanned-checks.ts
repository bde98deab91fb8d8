import { type Consent, type ConsentNeed, consentKinds } from './consent.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import type { FailoverRequest } from './failover.ts';
import type { CheckLine, Finding } from './findings.ts';
import type { GroupView } from './group-view.ts';
import type { SiteReports } from './volume-standing.ts';
import { claimDefinitionsExist, volumeDefinitionsExist } from './checks/claims.ts';
import { unlessModelDiffers } from './checks/deployment-model.ts';
import { groupExists, membersAreInOneGroup, noOtherOperation } from './checks/group.ts';
import { targetHasRoom } from './checks/target-room.ts';
import { definitionsExist } from './checks/virtual-machines.ts';

/** The checks before an unplanned failover: what the target has, and that everything that is not proven is consented to. */
export function unplannedChecks(
  view: GroupView,
  reports: SiteReports,
  { name, consents = [] }: Pick<FailoverRequest, 'consents'> & { readonly name?: string },
): readonly CheckLine[] {
  const evidence = evidenceOf(view, reports);
  return [
    ...targetChecks(view, name),
    line('evidence', 'What is known of the source allows it', obstaclesIn(view, evidence)),
    line('consents', 'What cannot be proven is accepted', missingConsents(view, evidence, consents)),
  ];
}

/** What the target needs to have, whoever may be silent. */
export function targetChecks(view: GroupView, ownOperation: string | undefined): readonly CheckLine[] {
  const { source, target, scope } = view;
  return [
    line('group', 'Protection Group exists on the target cluster', [
      ...groupExists(view, target),
      ...noOtherOperation(view, ownOperation),
    ]),
    line('virtualMachines', 'VM definitions exist on target cluster', definitionsExist(target, scope.group)),
    line('claims', 'PVC definitions exist on target cluster', claimDefinitionsExist(target, scope.group)),
    line('volumes', 'PV definitions exist on target cluster', volumeDefinitionsExist(target, source, scope.group)),
    line('otherGroups', 'No other Protection Groups running on target', [
      ...membersAreInOneGroup(view, target),
      ...roomWarnings(view),
    ]),
  ];
}

/** Room can be made later: the lack of it delays a rescue, and forbids none. What the source does not tell is not missed. */
function roomWarnings(view: GroupView): readonly Finding[] {
  return targetHasRoom(view)
    .filter(({ id }) => id !== 'RoomUnknown')
    .map((finding) => ({ ...finding, severity: 'warning' }));
}

/** What speaks against an unplanned failover whatever a person accepts. */
export function obstaclesIn(view: GroupView, { alive, missing }: Evidence): readonly Finding[] {
  const { scope, askedStorage, source, target } = view;
  const object = `ProtectionGroup ${scope.group}`;
  return [
    ...alive.map(
      (what): Finding => ({
        id: 'SourceIsAlive',
        severity: 'error',
        site: scope.source,
        object,
        what,
        why: `somebody works with the volume on ${scope.source} now: a start on ${scope.target} would part the copies`,
        remedy: `move it as planned: pgctl failover ${scope.group} --to ${scope.target}; where ${scope.source} cannot be told to stop, cut the power of its nodes first`,
      }),
    ),
    ...(missing.length === 0
      ? []
      : unlessModelDiffers(askedStorage, [source, target], () => missing.map((what) => evidenceMissing(view, what)))),
  ];
}

function evidenceMissing({ scope: { group, target } }: GroupView, what: string): Finding {
  return {
    id: 'EvidenceMissing',
    severity: 'error',
    site: target,
    object: `ProtectionGroup ${group}`,
    what,
    why: `without it nobody can say what the copy on ${target} holds, and no volume could be attached`,
    remedy: `bring back first what tells of the storage of ${target}, LINSTOR and its satellites or the agents of DRBD Operator: pgctl config test`,
  };
}

/** The needs for which no consent was given on this very evidence. */
export function missingConsents(
  { scope }: GroupView,
  { needs, digest }: Evidence,
  consents: readonly Consent[],
): readonly Finding[] {
  return needs.flatMap((need): readonly Finding[] => {
    const given = consents.filter(({ kind }) => kind === need.kind);
    if (given.some(({ evidence }) => evidence === digest)) return [];
    return [missing(scope.group, need, given.length > 0)];
  });
}

function missing(group: string, { kind, statement }: ConsentNeed, isStale: boolean): Finding {
  return {
    id: isStale ? 'EvidenceChanged' : 'ConsentMissing',
    severity: 'error',
    object: `ProtectionGroup ${group}`,
    what: isStale ? `what ${kind} was accepted for has changed since` : `${kind} is not accepted`,
    why: statement,
    remedy: `look again and decide on what is so now: pgctl failover ${group} --unplanned`,
  };
}

/** The consents of a request that its evidence asks for, in the order of the kinds. */
export function consentsFor({ needs, digest }: Evidence, givenBy: string, givenAt: string): readonly Consent[] {
  return consentKinds.flatMap((kind) =>
    needs
      .filter((need) => need.kind === kind)
      .map(({ statement }) => ({ kind, statement, evidence: digest, givenBy, givenAt })),
  );
}

function line(id: string, title: string, findings: readonly Finding[]): CheckLine {
  return { id, title, findings };
}
