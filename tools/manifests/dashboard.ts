/** What a panel shows, by its kind: a number, a line over time, or rows. */
type PanelKind = 'stat' | 'timeseries' | 'table';

interface Query {
  readonly expr: string;
  /** Name of each line, with labels in double braces. */
  readonly legend: string;
}

interface PanelSpec {
  readonly kind: PanelKind;
  readonly title: string;
  readonly about: string;
  /** Unit as Grafana calls it. */
  readonly unit: string;
  readonly queries: readonly Query[];
}

const byGroup = 'max by (namespace, group)';
const group = '{{namespace}}/{{group}}';

const panels: readonly PanelSpec[] = [
  {
    kind: 'stat',
    title: 'Groups that are ready',
    about: 'Groups of which a planned failover would start now, and all of them',
    unit: 'short',
    queries: [
      { expr: `sum(${byGroup} (site_recovery_group_ready))`, legend: 'ready' },
      { expr: `count(${byGroup} (site_recovery_group_ready))`, legend: 'of' },
    ],
  },
  {
    kind: 'stat',
    title: 'Split brains',
    about: 'Groups of which copies have parted: pgctl recover',
    unit: 'short',
    queries: [{ expr: `sum(${byGroup} (site_recovery_group_split_brain))`, legend: 'parted' }],
  },
  {
    kind: 'stat',
    title: 'Processes that work',
    about: 'One of each controller on each cluster: the others are there to succeed it',
    unit: 'short',
    queries: [{ expr: 'sum by (job) (site_recovery_leader)', legend: '{{job}}' }],
  },
  {
    kind: 'stat',
    title: 'Oldest heartbeat',
    about: 'How long ago the quorum cluster heard of the site that it has not heard of for longest',
    unit: 's',
    queries: [
      { expr: 'max(time() - max by (cluster) (site_recovery_heartbeat_heard_timestamp_seconds))', legend: 'age' },
    ],
  },
  {
    kind: 'timeseries',
    title: 'Ready',
    about: '1 while a planned failover of the group would start',
    unit: 'short',
    queries: [{ expr: `min by (namespace, group) (site_recovery_group_ready)`, legend: group }],
  },
  {
    kind: 'timeseries',
    title: 'Replicated and verified',
    about: '1 while every volume is in sync on both sites, and while nothing is in doubt about the copies',
    unit: 'short',
    queries: [
      { expr: 'min by (namespace, group) (site_recovery_group_replicated)', legend: `${group} replicated` },
      { expr: 'min by (namespace, group) (site_recovery_group_verified)', legend: `${group} verified` },
    ],
  },
  {
    kind: 'table',
    title: 'Last operations',
    about: 'How the last failover and the last recovery of each group ended, and when',
    unit: 'dateTimeAsIso',
    queries: [
      {
        expr: 'max by (namespace, group, operation, phase) (site_recovery_last_operation_timestamp_seconds) * 1000',
        legend: '',
      },
    ],
  },
  {
    kind: 'timeseries',
    title: 'Steps of operations, 95th percentile',
    about: 'How long each step took; acquireLease is the wait for the lock on the group',
    unit: 's',
    queries: [
      {
        expr: 'histogram_quantile(0.95, sum by (le, operation, step) (rate(site_recovery_operation_step_seconds_bucket[1h])))',
        legend: '{{operation}} {{step}}',
      },
    ],
  },
  {
    kind: 'timeseries',
    title: 'Passes, 95th percentile',
    about: 'How long a controller needs to look at a group or an operation and to act',
    unit: 's',
    queries: [
      {
        expr: 'histogram_quantile(0.95, sum by (le, job, result) (rate(site_recovery_reconcile_seconds_bucket[10m])))',
        legend: '{{job}} {{result}}',
      },
    ],
  },
  {
    kind: 'timeseries',
    title: 'Calls',
    about: 'Calls to Kubernetes APIs and LINSTOR, by what was answered',
    unit: 'reqps',
    queries: [
      { expr: 'sum by (site, code) (rate(site_recovery_api_requests_total[5m]))', legend: '{{site}} {{code}}' },
    ],
  },
  {
    kind: 'timeseries',
    title: 'Objects that wait',
    about: 'Objects that are due and wait for their turn',
    unit: 'short',
    queries: [{ expr: 'sum by (job) (site_recovery_queue_depth)', legend: '{{job}}' }],
  },
  {
    kind: 'timeseries',
    title: 'Memory of the controllers',
    about: 'Resident memory of each process',
    unit: 'bytes',
    queries: [
      {
        expr: 'process_resident_memory_bytes and on (job, instance) site_recovery_leader',
        legend: '{{job}} {{instance}}',
      },
    ],
  },
];

/** Columns of Grafana's grid, and how many of them a panel takes. */
const columns = 24;
const sizes: Readonly<Record<PanelKind, { readonly w: number; readonly h: number }>> = {
  stat: { w: 6, h: 4 },
  timeseries: { w: 12, h: 8 },
  table: { w: 12, h: 8 },
};

/** The dashboard of `deploy/controllers/dashboard.json`: JSON as Grafana imports it; the data source is asked for then. */
export function dashboardText(): string {
  const dashboard = {
    __inputs: [{ name: 'DS_PROMETHEUS', label: 'Prometheus', type: 'datasource', pluginId: 'prometheus' }],
    uid: 'site-recovery',
    title: 'Site Recovery',
    tags: ['site-recovery'],
    schemaVersion: 39,
    version: 1,
    time: { from: 'now-24h', to: 'now' },
    refresh: '1m',
    panels: placed().map(({ panel, gridPos }, index) => panelOf(panel, index + 1, gridPos)),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** The panels from left to right, a row below the other. */
function placed(): readonly { readonly panel: PanelSpec; readonly gridPos: Place }[] {
  let [x, y, height] = [0, 0, 0];
  return panels.map((panel) => {
    const { w, h } = sizes[panel.kind];
    if (x + w > columns || (height !== 0 && h !== height)) [x, y, height] = [0, y + height, 0];
    const gridPos = { x, y, w, h };
    x += w;
    height = h;
    return { panel, gridPos };
  });
}

function panelOf({ kind, title, about, unit, queries }: PanelSpec, id: number, gridPos: Place): object {
  const datasource = { type: 'prometheus', uid: '${DS_PROMETHEUS}' };
  return {
    id,
    type: kind,
    title,
    description: about,
    datasource,
    gridPos,
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource,
      expr,
      legendFormat: legend,
      ...(kind === 'timeseries' ? {} : { instant: true }),
      ...(kind === 'table' ? { format: 'table' } : {}),
    })),
  };
}
