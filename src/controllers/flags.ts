/** The flags of both controllers. Each stands for the variable of its name (`--cluster-name`, CLUSTER_NAME), and wins over it. */
export const flags = {
  'cluster-name': { type: 'string', about: 'which of the registered clusters this one is' },
  'cluster-role': { type: 'string', about: 'primary, dr or quorum; without it the status of each group says so' },
  'config-dir': { type: 'string', about: 'the folder with config and kubeconfigs (default /etc/site-recovery)' },
  listen: { type: 'string', about: 'address of /healthz, /readyz and /metrics (default :8080)' },
  workers: { type: 'string', about: 'how many groups or operations are worked on at once (default 8)' },
} as const;

/** What `--help` prints. */
export function usageOf(controller: string): string {
  const widest = Math.max(...Object.keys(flags).map(({ length }) => length));
  const lines = Object.entries(flags).map(([name, { about }]) => `  --${name.padEnd(widest)}  ${about}`);
  return [
    `Usage: ${controller} [FLAG VALUE]…`,
    '',
    'Each flag stands for the variable of its name (CLUSTER_NAME for --cluster-name), and wins over it:',
    ...lines,
    '',
  ].join('\n');
}
