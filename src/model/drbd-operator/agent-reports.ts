import type { DrbdReport } from '../drbd-report.ts';
import { type Known, known } from '../known.ts';
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
 * is a memory, however it looks; a volume of which the present one has not told yet is absent, which tells nothing of it.
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
  const report = new Map(
    volumes.value.map(drbdVolumeOf).flatMap(({ name, entries }) => {
      const entry = entries.get(node);
      return entry === undefined || entry.agent !== agent ? [] : [[name, entry.report] as const];
    }),
  );
  return known(report);
}
