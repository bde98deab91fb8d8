import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKubeconfig } from '../src/drivers/real/kubeconfig.ts';
import { findKubectl, inTurns, keepCompiledIn, root, run } from './in-turns.ts';
import type { Bench } from './measurement.ts';
import { installBundle } from './start-up.ts';

const clusters = [
  { name: 'cluster1', role: 'primary' },
  { name: 'cluster2', role: 'dr' },
] as const;

/** `pgctl get` beside `kubectl get` of the same ProtectionGroup, on the lab. */
export const get: Bench = {
  name: 'get',
  measure: async () => {
    const kubectl = findKubectl();
    const folder = mkdtempSync(join(tmpdir(), 'site-recovery-bench-'));
    const lab = join(folder, 'lab');
    keepCompiledIn(folder);
    run([join(root, 'bin', 'pgctl'), 'lab', 'up', '--dir', lab]);
    try {
      const pgctl = [installBundle(folder), '--config-dir', join(folder, 'config')];
      protect(pgctl, lab, join(folder, 'config'));
      const subject = ['get', 'protectiongroup', 'production-pg'];
      const [one = '', other = ''] = clusters.map(({ name }) => {
        return [kubectl.path, '--kubeconfig', join(lab, `${name}.kubeconfig`), ...subject].join(' ');
      });
      const bare = JSON.stringify(await Promise.all(clusters.map(({ name }) => serverOf(lab, name))));
      const times = inTurns({
        kubectl: one.split(' '),
        both: ['sh', '-c', `${one} && ${other}`],
        pgctl: [...pgctl, ...subject],
        bare: [process.execPath, '--use-openssl-ca', join(root, 'bench', 'bare-get.cjs'), bare],
      });
      const { pgctl: ours, kubectl: theirs, both } = times;
      const goal = { atMost: 1 };
      return [
        { name: 'pgctl get to kubectl get', value: ours.wall / theirs.wall, unit: 'ratio', goal },
        { name: 'pgctl get to kubectl get, processor time', value: ours.processor / theirs.processor, unit: 'ratio' },
        { name: 'pgctl get to kubectl get of both clusters', value: ours.wall / both.wall, unit: 'ratio' },
        {
          name: 'a bare Node program that reads both clusters to kubectl get',
          value: times.bare.wall / theirs.wall,
          unit: 'ratio',
        },
        {
          name: 'a bare Node program to kubectl get, processor time',
          value: times.bare.processor / theirs.processor,
          unit: 'ratio',
        },
        { name: 'pgctl get', value: ours.wall, unit: 'ms' },
        { name: `kubectl ${kubectl.version} get`, value: theirs.wall, unit: 'ms' },
      ];
    } finally {
      run([join(root, 'bin', 'pgctl'), 'lab', 'down', '--dir', lab]);
      rmSync(folder, { recursive: true });
    }
  },
};

async function serverOf(lab: string, name: string): Promise<Record<string, string>> {
  const { server, certificateAuthority, user } = await readKubeconfig(join(lab, `${name}.kubeconfig`));
  if (certificateAuthority === undefined || !('data' in certificateAuthority)) throw new Error(`${name} has no CA`);
  return {
    url: `${server}/apis/siterecovery.trilio.io/v1alpha1/namespaces/default/protectiongroups/production-pg`,
    certificateAuthority: Buffer.from(certificateAuthority.data, 'base64').toString(),
    token: user.token ?? '',
  };
}

function protect(pgctl: readonly string[], lab: string, config: string): void {
  run([...pgctl, 'init']);
  for (const { name, role } of clusters) {
    cpSync(join(lab, `${name}.kubeconfig`), join(config, `${name}.kubeconfig`));
    run([...pgctl, 'config', 'add-cluster', '--name', name, '--kubeconfig', `${name}.kubeconfig`, '--role', role]);
  }
  run([...pgctl, 'create', 'protectiongroup', 'production-pg', '--vm', 'prod-vm-1', '--vm', 'prod-vm-2']);
}
