import { describe, expect, test } from 'vitest';
import { readControllerSettings, type SettingSources, SettingsError } from '../../src/controllers/settings.ts';

const config = 'PRIMARY_CLUSTER=east\nDR_CLUSTER=west\nQUORUM_CLUSTER=hill\nQUORUM_KUBECONFIG=/etc/hill.kubeconfig\n';

function read({ environment, ...given }: Partial<SettingSources> = {}) {
  return readControllerSettings({
    words: [],
    environment: { CLUSTER_NAME: 'west', CLUSTER_ROLE: 'dr', ...environment },
    hostname: 'pod-1',
    run: 'a1',
    readFile: (path) => {
      if (path !== '/etc/site-recovery/config') throw new Error(`ENOENT ${path}`);
      return config;
    },
    ...given,
  });
}

function problems(given: Partial<SettingSources>): readonly string[] {
  try {
    read(given);
  } catch (error) {
    if (error instanceof SettingsError)
      return error.problems.map(({ what, why, remedy }) => `${what}: ${why}. ${remedy}`);
    throw error;
  }
  return [];
}

test('the clusters of the configuration are its sites, the own one first', () => {
  expect(read()).toMatchObject({
    cluster: 'west',
    clusterRole: 'dr',
    sites: [
      { name: 'west', role: 'dr', kubeconfigPath: '/etc/site-recovery/west.kubeconfig' },
      { name: 'east', role: 'primary', kubeconfigPath: '/etc/site-recovery/east.kubeconfig' },
      { name: 'hill', role: 'quorum', kubeconfigPath: '/etc/hill.kubeconfig' },
    ],
    identity: 'pod-1_a1',
    namespace: 'default',
    listen: { host: '0.0.0.0', port: 8080 },
  });
});

test('in a pod the own cluster is reached by the service account, the others by their kubeconfigs', () => {
  const { sites } = read({ environment: { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' } });
  expect(sites[0]).toMatchObject({
    name: 'west',
    access: {
      server: 'https://[fd00::1]:6443',
      user: { tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
    },
  });
  expect(sites[1]).toMatchObject({ name: 'east', kubeconfigPath: '/etc/site-recovery/east.kubeconfig' });
});

test('a flag wins over the variable of its name', () => {
  const words = ['--cluster-name', 'east', '--cluster-role=primary', '--listen', '[::1]:0', '--workers', '2'];
  expect(read({ words })).toMatchObject({
    cluster: 'east',
    clusterRole: 'primary',
    listen: { host: '::1', port: 0 },
    workers: 2,
  });
});

test('LS_CONTROLLERS says where LINSTOR is', () => {
  const { linstor } = read({ environment: { LS_CONTROLLERS: 'http://10.0.0.5:3370, http://10.0.0.6:3370' } });
  expect(linstor.controllers).toEqual(['http://10.0.0.5:3370', 'http://10.0.0.6:3370']);
});

test('without CLUSTER_ROLE there is none', () => {
  expect(read({ environment: { CLUSTER_ROLE: '' } }).clusterRole).toBeNull();
});

describe('what is wrong is named, with the reason and the remedy', () => {
  test.each([
    [
      { environment: { CLUSTER_NAME: '' } },
      /^CLUSTER_NAME: it is not set.*one of the registered clusters \(east, west, hill\)/,
    ],
    [{ environment: { CLUSTER_NAME: 'north' } }, /^CLUSTER_NAME: north is not registered.*pgctl config add-cluster/],
    [
      { environment: { CLUSTER_ROLE: 'standby' } },
      /^CLUSTER_ROLE: expected primary, dr, quorum, got "standby"\. Set it/,
    ],
    [{ words: ['--role', 'dr'] }, /^The command line: Unknown option '--role'.*--cluster-role/],
    [{ environment: { LISTEN: '8080' } }, /^LISTEN: expected HOST:PORT or :PORT, got "8080"/],
    [{ environment: { LISTEN: ':99999' } }, /^LISTEN: expected HOST:PORT or :PORT/],
    [{ environment: { WORKERS: '0' } }, /^WORKERS: expected a whole number from 1 to 999, got "0"/],
    [{ readFile: () => 'PRIMARY_CLUSTER east' }, /^\/etc\/site-recovery\/config:1: Expected KEY=VALUE/],
    [
      { environment: { CONFIG_DIR: '/nowhere' } },
      /^\/nowhere\/config: it cannot be read \(ENOENT.*kubectl create secret/,
    ],
  ] satisfies [Partial<SettingSources>, RegExp][])('%j', (given, message) => {
    expect(problems(given)).toContainEqual(expect.stringMatching(message));
  });

  test('all of it at once', () => {
    expect(problems({ environment: { CLUSTER_NAME: '', CLUSTER_ROLE: 'x', WORKERS: 'y' } })).toHaveLength(3);
  });
});
