import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findKubectl, inTurns, root, run } from './in-turns.ts';
import type { Bench } from './measurement.ts';
import { installBundle } from './start-up.ts';

/** `pgctl get` beside `kubectl get` of the same ProtectionGroup, on the lab. */
export const get: Bench = {
  name: 'get',
  measure: async () => {
    const kubectl = findKubectl();
    const folder = mkdtempSync(join(tmpdir(), 'site-recovery-bench-'));
    const lab = join(folder, 'lab');
    run([join(root, 'bin', 'pgctl'), 'lab', 'up', '--dir', lab]);
    try {
      const pgctl = [installBundle(folder), '--config-dir', join(folder, 'config')];
      protect(pgctl, lab, join(folder, 'config'));
      const subject = ['get', 'protectiongroup', 'production-pg'];
      const times = inTurns({
        kubectl: [kubectl.path, '--kubeconfig', join(lab, 'cluster1.kubeconfig'), ...subject],
        pgctl: [...pgctl, ...subject],
      });
      return [
        { name: 'pgctl get to kubectl get', value: times.pgctl / times.kubectl, unit: 'ratio', goal: { atMost: 1 } },
        { name: 'pgctl get', value: times.pgctl, unit: 'ms' },
        { name: `kubectl ${kubectl.version} get`, value: times.kubectl, unit: 'ms' },
      ];
    } finally {
      run([join(root, 'bin', 'pgctl'), 'lab', 'down', '--dir', lab]);
      rmSync(folder, { recursive: true });
    }
  },
};

function protect(pgctl: readonly string[], lab: string, config: string): void {
  run([...pgctl, 'init']);
  for (const [name, role] of [
    ['cluster1', 'primary'],
    ['cluster2', 'dr'],
  ] as const) {
    cpSync(join(lab, `${name}.kubeconfig`), join(config, `${name}.kubeconfig`));
    run([...pgctl, 'config', 'add-cluster', '--name', name, '--kubeconfig', `${name}.kubeconfig`, '--role', role]);
  }
  run([...pgctl, 'create', 'protectiongroup', 'production-pg', '--vm', 'prod-vm-1', '--vm', 'prod-vm-2']);
}
