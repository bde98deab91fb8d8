import { type ConsentNeed, statementOf } from './consent.ts';
import { digestOf } from './digest.ts';
import type { GroupView } from './group-view.ts';
import { standingOf, type Standing } from './source-standing.ts';
import { type SiteReports, volumeStandings, type VolumeStanding } from './volume-standing.ts';

/** What is known when a group is to be taken over without its source, and what is not. */
export interface Evidence {
  /** What was seen, in sentences, the source's API first. */
  readonly facts: readonly string[];
  /** Signs that a source which cannot be told to stop is alive and holds the data: no consent overrides them. */
  readonly alive: readonly string[];
  /** What is not told and has to be before anything is done. */
  readonly missing: readonly string[];
  /** What a person has to accept; empty when everything is proven. */
  readonly needs: readonly ConsentNeed[];
  /** Names what was seen, without ages: a consent holds for this only. */
  readonly digest: string;
}

/** The evidence for an unplanned failover, from one observation. `reports`: what DRBD says on the target's nodes. */
export function evidenceOf(view: GroupView, reports: SiteReports): Evidence {
  const { source, target, scope } = view;
  const standings = source.virtualMachines.map((vm) => standingOf(source, vm));
  const volumes = volumeStandings(view, reports);
  const answers = source.group.known
    ? `the Kubernetes API of ${scope.source} answers`
    : `the Kubernetes API of ${scope.source} does not answer: ${source.group.why}`;
  return {
    // Why nobody can tell of the VMs of a site that does not answer is told once.
    facts: [
      answers,
      ...(source.group.known ? standings.flatMap(factOfMachine) : []),
      ...volumes.flatMap(factsOfVolume),
    ],
    alive: canBeStopped(view, standings) ? [] : [...new Set(volumes.flatMap(({ alive }) => alive))],
    missing: [
      ...(view.resources.length === 0 ? [`the volumes of ${scope.group} are not known`] : []),
      ...volumes.filter((volume) => volume.target === 'unknown').map(({ why }) => why),
    ],
    needs: needsOf(view, standings, volumes),
    digest: digestOf([
      scope.namespace,
      scope.group,
      scope.source,
      scope.target,
      target.group.known ? target.group.value?.epoch : 'unknown',
      source.group.known,
      standings.map(({ kind }) => kind),
      volumes.map((volume) => [
        volume.resource,
        volume.target,
        volume.replica?.diskState,
        volume.unproven.length,
        volume.cutOff.length,
        generationOf(volume),
      ]),
    ]),
  };
}

/** A source that answers, and of whose VMs all is known, is stopped first and proven to stand still: it may be alive now. */
function canBeStopped({ source }: GroupView, standings: readonly Standing[]): boolean {
  return source.group.known && standings.every(({ kind }) => kind !== 'unproven');
}

function factOfMachine({ kind, why }: Standing): readonly string[] {
  return kind === 'stopped' ? [] : [why];
}

function factsOfVolume({ why, unproven, replica, report }: VolumeStanding): readonly string[] {
  const peers = (replica?.peers ?? []).map(({ node, connection = 'not reported' }) => `${node} ${connection}`);
  const behind = (report?.peers ?? []).map(({ outOfSyncKib }) => outOfSyncKib ?? 0);
  const known = report === undefined ? [] : [`${Math.max(0, ...behind)} KiB marked as different`];
  const links = peers.length === 0 ? [] : [`connections: ${peers.join(', ')}`];
  return [
    [why, ...links, ...known].join('; '),
    ...(unproven.length === 0 ? [] : [`not reported: ${unproven.join(', ')}`]),
  ];
}

function needsOf(
  { scope, source }: GroupView,
  standings: readonly Standing[],
  volumes: readonly VolumeStanding[],
): readonly ConsentNeed[] {
  const needs: ConsentNeed[] = [];
  const untold = [
    ...standings.filter(({ kind }) => kind === 'unproven').map(({ why }) => why),
    ...volumes.flatMap(({ unproven }) => unproven),
  ];
  if (untold.length > 0 || !source.group.known) {
    needs.push({
      kind: 'UnverifiedSource',
      statement: statementOf(
        `It cannot be proven that ${scope.group} stands still on ${scope.source}. If it still runs there, both sides write: the copies part, and what one of them has written from now on will be lost. Not proven to stand still, or not reported: ${untold.length === 0 ? `the group on ${scope.source}` : untold.join('; ')}`,
      ),
    });
  }
  const old = volumes.flatMap(({ target, why, cutOff }) => [...(target === 'notCurrent' ? [why] : []), ...cutOff]);
  if (old.length > 0) {
    needs.push({
      kind: 'DataLoss',
      statement: statementOf(
        `The copies on ${scope.target} are not known to be the newest; what ${scope.source} has written since is lost, and a copy in the middle of a resync is a mixture of old and new blocks: ${old.join('; ')}`,
      ),
    });
  }
  const refused = volumes.filter(({ target }) => target === 'notCurrent' || target === 'noQuorum');
  if (refused.length > 0) {
    needs.push({
      kind: 'ForceQuorum',
      statement: statementOf(
        `DRBD refuses to promote on ${scope.target}, and is overridden (primary --force). Both sides then believe that they have quorum: if ${scope.source} has written or read anything meanwhile the copies have parted when it returns, and one of them has to be discarded. Concerned: ${refused.map(({ why }) => why).join('; ')}`,
      ),
    });
  }
  return needs;
}

/** The generation of the data of the target's copy; undefined when no satellite has told it. */
function generationOf({ report }: VolumeStanding): string | undefined {
  return report?.peers.find(({ generation }) => generation !== undefined)?.generation?.current;
}
