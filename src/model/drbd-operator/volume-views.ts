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
    each.volumes.known ? [{ ...each, byName: volumesByName(each.volumes.value) }] : [],
  );
  let isSame = earlier?.known === true && before.size === names.length;
  const views = new Map<string, VolumeView | undefined>();
  for (const name of names) {
    const parts = told.flatMap(({ site, reports, byName }) => {
      const volume = byName.get(name);
      return volume === undefined ? [] : [{ site, volume, reports }];
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
  readonly site: SiteName;
  readonly volume: DrbdVolume;
  readonly reports: AgentReports;
}

function volumesByName(objects: readonly KubeObject[]): ReadonlyMap<string, DrbdVolume> {
  return new Map(objects.map((object) => [object.metadata.name, drbdVolumeOf(object)]));
}

function volumeView(resource: string, parts: readonly VolumePart[], siteOfNode: SiteOfNode): VolumeView {
  const placeOf = ({ node, cluster }: VolumeMember): SiteName | undefined => siteOfNode(node) ?? (cluster || undefined);
  const reports = parts.flatMap((part) => reportsIn(resource, part));
  const members = membersOf(parts, reports);
  const replicas = members.map((member) => replicaOf(resource, member, reports, placeOf(member)));
  return { resource, backend: 'drbd-operator', replicas, options: optionsOf(parts) };
}

/**
 * Every node that takes part, as any site lists it. One that is only told of as a peer takes part as well, with data for all that
 * is known, and so does one of which the sites say different things.
 */
function membersOf(parts: readonly VolumePart[], reports: readonly NodeReport[]): readonly VolumeMember[] {
  const members = new Map<string, VolumeMember>();
  for (const member of parts.flatMap(({ volume }) => volume.members)) {
    const before = members.get(member.node);
    const isTheSame = before === undefined || before.kind === member.kind;
    members.set(member.node, isTheSame ? member : { ...member, kind: 'diskful' });
  }
  for (const { node } of reports.flatMap(({ report }) => report.peers)) {
    if (!members.has(node)) members.set(node, { node, cluster: '', kind: 'diskful' });
  }
  return [...members.values()];
}

interface NodeReport {
  readonly node: string;
  /** The site whose agent has written it. */
  readonly site: SiteName;
  readonly report: DrbdResourceReport;
}

function reportsIn(resource: string, { site, reports }: VolumePart): readonly NodeReport[] {
  return Object.entries(reports).flatMap(([node, reading]) => {
    const report = reading.known ? reading.value.get(resource) : undefined;
    return report === undefined ? [] : [{ node, site, report }];
  });
}

function replicaOf(
  resource: string,
  { node, kind }: VolumeMember,
  reports: readonly NodeReport[],
  place: SiteName | undefined,
): ReplicaView {
  // A node of the same name in another cluster is another node.
  const report = reports.find((each) => each.node === node && each.site === place)?.report;
  return {
    resource,
    node,
    site: place,
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

/** The options in force where agents tell: in a disaster those of one side have to do. */
function optionsOf(parts: readonly VolumePart[]): VolumeOptions {
  const entries = parts.flatMap(({ volume, reports }) =>
    [...volume.entries].flatMap(([node, entry]) => (isPresent(node, entry.report.resource, reports) ? [entry] : [])),
  );
  return { allowTwoPrimaries: allowTwoPrimaries(entries), quorum: quorumSetting(entries) };
}

function isPresent(node: string, resource: string, reports: AgentReports): boolean {
  const reading = reports[node];
  return reading?.known === true && reading.value.has(resource);
}

/** Two Primaries are allowed as soon as one node allows them. */
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
