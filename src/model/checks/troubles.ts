import { conditionsOf, type SeenCondition } from '../condition-of.ts';
import type { Finding, Severity } from '../findings.ts';
import type { GroupView, SiteView } from '../group-view.ts';
import type { Known } from '../known.ts';
import type { SiteName } from '../site.ts';
import { partedCopies } from '../split-brain.ts';

/** No two copies have parted, as LINSTOR shows them now. Copies that still try to connect are told of elsewhere. */
export function copiesAreTogether({ volumes, scope }: GroupView): readonly Finding[] {
  const parted = (volumes.known ? partedCopies(volumes.value) : []).filter(({ sign }) => sign !== 'Connecting');
  return parted.map(({ facts }) => splitBrain(scope.group, facts));
}

/**
 * Nothing is marked as not equal between two copies. A resync clears the marks; those that stay while the copies are in sync
 * are what a verify has found. What is not known is no finding: LINSTOR's own view is judged elsewhere.
 */
export function nothingIsMarked({ scope: { group } }: GroupView, outOfSync: Known<number>): readonly Finding[] {
  if (!outOfSync.known || outOfSync.value === 0) return [];
  return [
    {
      id: 'OutOfSync',
      severity: 'error',
      object: `ProtectionGroup ${group}`,
      what: `${outOfSync.value} KiB of ${group} are not the same in all copies`,
      why: 'DRBD has marked them, in a resync that goes on or in a verify',
      remedy: `wait for the resync to end; where none runs: pgctl verify protectiongroup ${group}`,
    },
  ];
}

/** What the controller of a site has found wrong with the group's data, but for what a look at the copies tells better. */
export function shownTroubles({ scope }: GroupView, { group, site }: SiteView, severity: Severity): readonly Finding[] {
  const conditions = group.known ? conditionsOf(group.value?.object) : [];
  const untold = conditions.filter(({ type, reason }) => type !== 'SplitBrain' || reason === 'Connecting');
  return troubleFindings(scope.group, site, untold, severity);
}

/**
 * What the conditions SplitBrain, Superseded and Verified of a group mean for those who want to move it, with the command
 * that cures it.
 */
export function troubleFindings(
  group: string,
  site: SiteName,
  conditions: readonly SeenCondition[],
  severity: Severity = 'error',
): readonly Finding[] {
  return conditions.flatMap((condition): readonly Finding[] => {
    if (condition.type === 'SplitBrain')
      return condition.status === 'True' ? [{ ...splitBrain(group, condition.message), severity, site }] : [];
    const trouble = troubles.find(({ type, is }) => type === condition.type && is(condition));
    if (trouble === undefined) return [];
    const { id, what, remedy } = trouble;
    const object = `ProtectionGroup ${group}`;
    return [{ id, severity, site, object, what: what(group, site), why: condition.message, remedy: remedy(group) }];
  });
}

function splitBrain(group: string, why: string): Finding {
  return {
    id: 'SplitBrain',
    severity: 'error',
    object: `ProtectionGroup ${group}`,
    what: `copies of ${group} have parted`,
    why,
    remedy: `compare both sides, and choose which copy survives: pgctl recover ${group}`,
  };
}

interface Trouble {
  readonly id: string;
  readonly type: string;
  readonly is: (condition: SeenCondition) => boolean;
  readonly what: (group: string, site: SiteName) => string;
  readonly remedy: (group: string) => string;
}

const troubles: readonly Trouble[] = [
  {
    id: 'Superseded',
    type: 'Superseded',
    is: ({ status }) => status === 'True',
    what: (group, site) => `${site} has been superseded in running ${group}`,
    remedy: (group) => `wait for the resync to end; where it does not: pgctl recover ${group}`,
  },
  {
    id: 'SplitDecision',
    type: 'Superseded',
    is: ({ reason }) => reason === 'SplitDecision',
    what: (group) => `two clusters are ordered to run ${group}`,
    remedy: (group) =>
      `on the one that does not hold the data: kubectl patch protectiongroup ${group} --type merge -p '{"spec":{"desiredState":"stopped"}}'`,
  },
  {
    id: 'Unverified',
    type: 'Verified',
    is: ({ status }) => status === 'False',
    what: (group, site) => `the copies of ${group} on ${site} are not known to be the same`,
    remedy: (group) => `pgctl verify protectiongroup ${group}`,
  },
];
