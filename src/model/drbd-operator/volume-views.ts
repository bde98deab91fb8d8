import type { DrbdPeerReport, DrbdResourceReport } from '../drbd-report.ts';
import type { PeerView, ReplicaView, VolumeOptions, VolumeView, VolumeViews } from '../drbd-replica.ts';
import { isSameJson } from '../json.ts';
import { type Known, known, type Truth, unknown } from '../known.ts';
import type { KubeObject } from '../kube.ts';
import type { SiteOfNode } from '../node-sites.ts';
import type { SiteName } from '../site.ts';
import type { AgentReports } from './agent-reports.ts';
import { type AgentEntry, type DrbdVolume, drbdVolumeOf, type VolumeMember } from './volume-object.ts';

/** What one site tells of DRBD Operator's volumes. */
export interface OperatorReadings {
  readonly site: SiteName;
  readonly volumes: Known<readonly KubeObject[]>;
  readonly reports: AgentReports;
}

/**
 * Reads the named volumes from the DRBDVolumes of all sites. Each site tells of its own nodes only: those of a site that does not
 * answer, and those without an agent that does, are known by name, and nothing else of them is. A volume that no site lists is
 * known to be undefined when all have answered. A volume that shows as it did in an earlier reading keeps its view, and the
 * reading is the same when all of them do.
 */
export function operatorVolumeViews(
  names: readonly string[],
  sites: readonly OperatorReadings[],
  siteOfNode: SiteOfNode,
  earlier?: Known<VolumeViews>,
): Known<VolumeViews> {
  const before: VolumeViews = earlier?.known === true ? earlier.value : new Map();
  const silent = sites.flatMap(({ volumes }) => (volumes.known ? [] : [volumes.why]))[0];
  const told = sites.flatMap((each) =>
    each.volumes.known ? [{ reports: each.reports, byName: volumesByName(each.volumes.value) }] : [],
  );
  let isSame = earlier?.known === true && before.size === names.length;
  const views = new Map<string, VolumeView | undefined>();
  for (const name of names) {
    const parts = told.flatMap(({ reports, byName }) => {
      const volume = byName.get(name);
      return volume === undefined ? [] : [{ volume, reports }];
    });
    if (parts.length === 0 && silent !== undefined) return unknown(silent);
    const last = before.get(name);
    const view = parts.length === 0 ? undefined : volumeView(name, parts, siteOfNode);
    const kept = isSameJson(view, last) ? last : view;
    isSame &&= kept === last && before.has(name);
    views.set(name, kept);
  }
  return isSame && earlier !== undefined ? earlier : known(views);
}

/** A volume as one site has it, and what its agents say. */
interface VolumePart {
  readonly volume: DrbdVolume;
  readonly reports: AgentReports;
}

function volumesByName(objects: readonly KubeObject[]): ReadonlyMap<string, DrbdVolume> {
  return new Map(objects.map((object) => [object.metadata.name, drbdVolumeOf(object)]));
}

function volumeView(resource: string, parts: readonly VolumePart[], siteOfNode: SiteOfNode): VolumeView {
  const members = new Map(parts.flatMap(({ volume }) => volume.members.map((member) => [member.node, member])));
  const reports = parts.flatMap((part) => reportsIn(resource, part.reports));
  const replicas = [...members.values()].map((member) => replicaOf(resource, member, reports, siteOfNode));
  return { resource, backend: 'drbd-operator', replicas, options: optionsOf(parts) };
}

interface NodeReport {
  readonly node: string;
  readonly report: DrbdResourceReport;
}

function reportsIn(resource: string, reports: AgentReports): readonly NodeReport[] {
  return Object.entries(reports).flatMap(([node, reading]) => {
    const report = reading.known ? reading.value.get(resource) : undefined;
    return report === undefined ? [] : [{ node, report }];
  });
}

function replicaOf(
  resource: string,
  { node, cluster, kind }: VolumeMember,
  reports: readonly NodeReport[],
  siteOfNode: SiteOfNode,
): ReplicaView {
  const report = reports.find((each) => each.node === node)?.report;
  return {
    resource,
    node,
    site: siteOfNode(node) ?? cluster,
    kind,
    inUse: inUseOf(kind, report, connectedViews(node, reports)),
    diskState: report?.disk,
    mayPromote: report?.mayPromote ?? 'unknown',
    peers: (report?.peers ?? []).map(peerView),
  };
}

/** What the peers say of a node to which they are connected: DRBD's own pings keep that young. */
function connectedViews(node: string, reports: readonly NodeReport[]): readonly DrbdPeerReport[] {
  return reports.flatMap(({ report }) =>
    report.peers.filter((peer) => peer.node === node && peer.connection === 'Connected'),
  );
}

/**
 * Whether a replica is Primary. Its own word and that of each connected peer count, and one Primary among them is enough. A
 * tiebreaker may be in a cluster that nobody asks: it has no data and no VM opens it there, so that its peers' word is taken.
 */
function inUseOf(
  kind: VolumeMember['kind'],
  report: DrbdResourceReport | undefined,
  seen: readonly DrbdPeerReport[],
): Truth {
  const roles = [...(report === undefined ? [] : [report.role]), ...seen.map(({ role }) => role)];
  if (roles.includes('Primary')) return 'yes';
  const isTold = report !== undefined || (kind === 'tiebreaker' && seen.length > 0);
  return isTold && roles.every((role) => role === 'Secondary') ? 'no' : 'unknown';
}

function peerView({ node, connection, replication, donePercentage }: DrbdPeerReport): PeerView {
  return { node, connection, replication, donePercentage };
}

/** The options in force where agents tell: two Primaries are allowed as soon as one node allows them. */
function optionsOf(parts: readonly VolumePart[]): VolumeOptions {
  const entries = parts.flatMap(({ volume, reports }) =>
    [...volume.entries].flatMap(([node, entry]) => (isPresent(node, reports) ? [entry] : [])),
  );
  return { allowTwoPrimaries: allowTwoPrimaries(entries), quorum: quorumSetting(entries) };
}

function isPresent(node: string, reports: AgentReports): boolean {
  return reports[node]?.known === true;
}

function allowTwoPrimaries(entries: readonly AgentEntry[]): Truth {
  const told = entries.map((entry) => entry.allowTwoPrimaries);
  if (told.includes('yes')) return 'yes';
  return told.length > 0 && told.every((each) => each === 'no') ? 'no' : 'unknown';
}

function quorumSetting(entries: readonly AgentEntry[]): Known<string | undefined> {
  const [first, ...others] = new Set(entries.map((entry) => entry.quorumSetting));
  if (first === undefined) return unknown('no agent has told the options of the volume');
  return others.length === 0 ? known(first) : unknown('the nodes have different settings of quorum');
}
