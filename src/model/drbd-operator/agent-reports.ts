import type { DrbdReport } from '../drbd-report.ts';
import { type Known, known, unknown } from '../known.ts';
import type { KubeObject } from '../kube.ts';
import { keepLast } from '../memo.ts';
import { type Satellite, satellitesOf } from '../satellite.ts';
import type { SiteName } from '../site.ts';
import { drbdVolumeOf } from './volume-object.ts';

/** What the agents of a site say, by node; a node without an agent that answers is absent. */
export type AgentReports = Readonly<Record<string, Known<DrbdReport>>>;

const lastReports = keepLast<AgentReports>();

/**
 * What each node of a site says of its volumes: the entries that its present agent has written. One that another pod has written
 * is a memory, however it looks; a node that has not yet told of a volume of which it is a member tells of none.
 */
export function agentReports(
  site: SiteName,
  volumes: Known<readonly KubeObject[]>,
  agents: Known<readonly KubeObject[]>,
): AgentReports {
  if (!agents.known) return {};
  return lastReports([agents.value, volumes, site], () =>
    Object.fromEntries(
      satellitesOf(site, agents.value).flatMap((satellite) =>
        satellite.agent === undefined ? [] : [[satellite.node, reportOf(satellite, volumes)]],
      ),
    ),
  );
}

function reportOf({ node, agent }: Satellite, volumes: Known<readonly KubeObject[]>): Known<DrbdReport> {
  if (!volumes.known) return volumes;
  const own = volumes.value.map(drbdVolumeOf).filter(({ members }) => members.some((member) => member.node === node));
  const report = new Map(
    own.flatMap(({ name, entries }) => {
      const entry = entries.get(node);
      return entry === undefined || entry.agent !== agent ? [] : [[name, entry.report] as const];
    }),
  );
  const untold = own.find(({ name }) => !report.has(name));
  return untold === undefined
    ? known(report)
    : unknown(`DRBD on ${node}: its agent has not told of ${untold.name} yet`);
}
