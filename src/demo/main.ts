import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** World seconds in one second of yours: a failover that takes 40 s takes 4. */
const speed = '10';
const group = 'production-pg';
const pgctl = fileURLToPath(new URL('../../bin/pgctl', import.meta.url));

interface Demo {
  readonly labFolder: string;
  readonly configFolder: string;
}

/** Protects two VMs on simulated sites, fails them over and back, and cleans up after itself. */
async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'site-recovery-'));
  const demo: Demo = { labFolder: join(folder, 'lab'), configFolder: join(folder, 'pgctl') };
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  let isUp = false;
  try {
    say('Three simulated Kubernetes clusters with KubeVirt, LINSTOR and DRBD; two VMs run on cluster1.');
    isUp = true;
    await run(demo, stop.signal, 'lab', 'up', '--dir', demo.labFolder, '--speed', speed);
    await introduce(demo, stop.signal);
    await moveThereAndBack(demo, stop.signal);
    say('Both VMs were protected, moved to the other site, and brought back.');
  } finally {
    if (isUp) await run(demo, undefined, 'lab', 'down', '--dir', demo.labFolder).catch(report);
    await rm(folder, { recursive: true, force: true });
  }
  suggestNext();
}

async function introduce(demo: Demo, signal: AbortSignal): Promise<void> {
  say('pgctl learns of the clusters.');
  await run(demo, signal, 'init');
  for (const cluster of ['cluster1', 'cluster2', 'cluster3']) {
    const file = `${cluster}.kubeconfig`;
    await cp(join(demo.labFolder, file), join(demo.configFolder, file));
  }
  for (const [cluster, role] of [
    ['cluster1', 'primary'],
    ['cluster2', 'dr'],
    ['cluster3', 'quorum'],
  ] as const) {
    await run(
      demo,
      signal,
      'config',
      'add-cluster',
      '--name',
      cluster,
      '--kubeconfig',
      `${cluster}.kubeconfig`,
      '--role',
      role,
    );
  }
  await run(demo, signal, 'config', 'test');
  say('The two VMs become a Protection Group: their definitions are copied to cluster2.');
  await run(
    demo,
    signal,
    'create',
    'protectiongroup',
    group,
    '--vm',
    'prod-vm-1',
    '--vm',
    'prod-vm-2',
    '--namespace',
    'default',
  );
  await run(demo, signal, 'validate', 'protectiongroup', group);
}

async function moveThereAndBack(demo: Demo, signal: AbortSignal): Promise<void> {
  say('A dry run changes nothing; its estimate comes from simulating this very failover.');
  await run(demo, signal, 'failover', group, '--dry-run');
  say(`The failover. These sites live ${speed} times faster than yours.`);
  await run(demo, signal, 'failover', group, '--yes');
  await run(demo, signal, 'get', 'protectiongroup', group, '--all-clusters');
  say('And back.');
  await run(demo, signal, 'failback', group, '--yes');
  await run(demo, signal, 'get', 'protectiongroup', group, '--all-clusters');
}

/** Runs one command of pgctl as a person would, with its output as it comes. */
function run(demo: Demo, signal: AbortSignal | undefined, ...words: readonly string[]): Promise<void> {
  signal?.throwIfAborted();
  process.stdout.write(`\n$ pgctl ${words.join(' ')}\n`);
  const child = spawn(pgctl, [...words], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PGCTL_HOME: demo.configFolder },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, killedBy) => {
      if (code === 0) resolve();
      else reject(new Error(`pgctl ${words.slice(0, 2).join(' ')} ended with ${code ?? killedBy}`));
    });
  });
}

function say(sentence: string): void {
  process.stdout.write(`\n── ${sentence}\n`);
}

function suggestNext(): void {
  say('Try it yourself:');
  process.stdout.write(
    [
      '',
      '  bin/pgctl lab up --dir /tmp/lab --speed 10     the same sites, for as long as you like',
      '  kubectl --kubeconfig /tmp/lab/cluster1.kubeconfig get vm,vmi,pods',
      '  bin/pgctl --help                               every command',
      '  npm test                                       the proof',
      '  README.md                                      a tour of five minutes',
      '',
    ].join('\n'),
  );
}

function report(cause: unknown): void {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
}

await main().catch((cause: unknown) => {
  report(cause);
  process.exitCode = 1;
});
