import type { Finding } from '../model/findings.ts';
import type { GroupFacts } from '../model/group-facts.ts';
import type { Known } from '../model/known.ts';

/** What is not known, or not there. */
const nothing = '-';

/** Names and values of a group's facts, as `describe` lists them and `get -o wide` has them for columns. */
export function factTexts(facts: GroupFacts | undefined): readonly (readonly [string, string])[] {
  const direction = facts?.direction;
  const operation = facts?.lastOperation;
  return [
    ['Direction', direction === undefined ? nothing : `${direction.source} → ${direction.target}`],
    ['Data on', dataText(facts)],
    ['Replication', replicationText(facts)],
    ['Last operation', operation === undefined ? nothing : `${operation.name} ${operation.phase}`],
    ['Last drill', facts?.lastDrill?.endedAt ?? nothing],
    ['Conditions', facts === undefined || facts.troubles.length === 0 ? nothing : idsOf(facts.troubles)],
  ];
}

function idsOf(troubles: readonly Finding[]): string {
  return [...new Set(troubles.map(({ id }) => id))].join(', ');
}

/** KiB that are marked as not equal, for people. */
export function outOfSyncText(outOfSync: Known<number>): string {
  return outOfSync.known ? `${outOfSync.value} KiB` : `unknown: ${outOfSync.why}`;
}

function dataText(facts: GroupFacts | undefined): string {
  if (facts?.dataOn.known !== true) return 'Unknown';
  return facts.dataOn.value.length === 0 ? nothing : facts.dataOn.value.join(', ');
}

function replicationText(facts: GroupFacts | undefined): string {
  if (facts?.replication.known !== true) return 'Unknown';
  const state = facts.replication.value;
  if (state.kind !== 'Resyncing' || state.donePercentage === undefined) return state.kind;
  return `Resyncing ${state.donePercentage} %`;
}
