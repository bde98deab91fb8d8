import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSettings, settingsKeys } from '../../src/model/settings.ts';
import { initialSettingsText, withCluster, withoutCluster, withSettings } from '../../src/model/settings-text.ts';

const errorsIn = (text: string) => parseSettings(text).problems.filter((problem) => problem.severity === 'error');

describe('settings file', () => {
  test('has the documented defaults when it is empty', () => {
    const { settings, problems } = parseSettings('');
    expect(problems).toEqual([]);
    expect(settings).toEqual({
      clusters: [],
      defaultNamespace: 'default',
      failoverTimeoutSeconds: 300,
      vmStartTimeoutSeconds: 120,
      drbdWaitTimeSeconds: 30,
      taintRemovalWindowSeconds: 30,
      storageBackend: 'linstor',
      linstor: { controllers: [] },
    });
  });

  test('the initial text reads without problems, as the defaults', () => {
    const parsed = parseSettings(initialSettingsText());
    expect(parsed.problems).toEqual([]);
    expect(parsed.settings).toEqual(parseSettings('').settings);
  });

  test('reads every setting', () => {
    const { settings, problems } = parseSettings(
      [
        'PRIMARY_CLUSTER=cluster1',
        'PRIMARY_KUBECONFIG=/etc/one.kubeconfig',
        'PRIMARY_CONTEXT=admin@one',
        'DR_CLUSTER=cluster2',
        'QUORUM_CLUSTER=cluster3',
        'DEFAULT_NAMESPACE=vms',
        'FAILOVER_TIMEOUT=600',
        'VM_START_TIMEOUT=240',
        'DRBD_WAIT_TIME=60',
        'TAINT_REMOVAL_WINDOW=45',
        'LINSTOR_CONTROLLERS=https://a:3371, http://b:3370',
        'LINSTOR_TOKEN_FILE=token',
      ].join('\n'),
    );
    expect(problems).toEqual([]);
    expect(settings).toEqual({
      clusters: [
        { name: 'cluster1', role: 'primary', kubeconfig: '/etc/one.kubeconfig', kubeContext: 'admin@one' },
        { name: 'cluster2', role: 'dr', kubeconfig: 'cluster2.kubeconfig' },
        { name: 'cluster3', role: 'quorum', kubeconfig: 'cluster3.kubeconfig' },
      ],
      defaultNamespace: 'vms',
      failoverTimeoutSeconds: 600,
      vmStartTimeoutSeconds: 240,
      drbdWaitTimeSeconds: 60,
      taintRemovalWindowSeconds: 45,
      storageBackend: 'linstor',
      linstor: { controllers: ['https://a:3371', 'http://b:3370'], tokenFile: 'token' },
    });
  });

  test('takes what a shell would: export, quotes, comments behind a value, carriage returns, a byte order mark', () => {
    const text =
      '\uFEFFexport PRIMARY_CLUSTER="cluster1"\r\nDR_CLUSTER=\'cluster2\' # the other\r\nDRBD_WAIT_TIME=45 # s\r\n';
    const { settings, problems } = parseSettings(text);
    expect(problems).toEqual([]);
    expect(settings.clusters.map((cluster) => cluster.name)).toEqual(['cluster1', 'cluster2']);
    expect(settings.drbdWaitTimeSeconds).toBe(45);
  });

  test.each([
    ['DRBD_WAIT_TIME=soon', 'Expected DRBD_WAIT_TIME to be a whole number of seconds from 1 to 86400, got "soon"'],
    ['DRBD_WAIT_TIME=0', 'Expected DRBD_WAIT_TIME to be a whole number of seconds from 1 to 86400, got "0"'],
    ['DRBD_WAIT_TIME=-5', 'Expected DRBD_WAIT_TIME to be a whole number of seconds from 1 to 86400, got "-5"'],
    ['VM_START_TIMEOUT=1.5', 'Expected VM_START_TIMEOUT to be a whole number of seconds from 1 to 86400, got "1.5"'],
    [
      'FAILOVER_TIMEOUT=86401',
      'Expected FAILOVER_TIMEOUT to be a whole number of seconds from 1 to 86400, got "86401"',
    ],
    [
      'DEFAULT_NAMESPACE=Not_A_Namespace',
      'Expected DEFAULT_NAMESPACE to be the name of a namespace, got "Not_A_Namespace"',
    ],
    ['PRIMARY_CLUSTER=a b', 'Expected PRIMARY_CLUSTER to be letters, digits, ".", "_" or "-" (63 at most), got "a b"'],
    [
      'LINSTOR_CONTROLLERS=10.0.0.5',
      'Expected LINSTOR_CONTROLLERS to list URLs such as http://10.0.0.5:3370, got "10.0.0.5"',
    ],
    ['PRIMARY_CLUSTER', 'Expected KEY=VALUE, got "PRIMARY_CLUSTER"'],
    ['PRIMARY_CLUSTER="cluster1', 'The quotation mark after PRIMARY_CLUSTER= is not closed'],
  ])('names the line and the mistake of %s', (line, message) => {
    expect(errorsIn(`# first\n\n${line}\n`)).toMatchObject([{ line: 3, message }]);
  });

  test('a wrong value leaves its default in force', () => {
    expect(parseSettings('DRBD_WAIT_TIME=soon').settings.drbdWaitTimeSeconds).toBe(30);
  });

  test('a setting given twice is an error that names both lines', () => {
    expect(errorsIn('DRBD_WAIT_TIME=30\nDRBD_WAIT_TIME=60\n')).toMatchObject([
      { line: 2, message: 'DRBD_WAIT_TIME is set twice, on lines 1 and 2' },
    ]);
  });

  test('one cluster in two roles is an error', () => {
    expect(errorsIn('PRIMARY_CLUSTER=a\nDR_CLUSTER=a\n').map((problem) => problem.message)).toEqual([
      'PRIMARY_CLUSTER and DR_CLUSTER both name a',
    ]);
  });

  test('an unknown setting is a warning with its line, and is ignored', () => {
    const { problems } = parseSettings('DRBD_WAIT=5\n');
    expect(problems).toMatchObject([{ severity: 'warning', line: 1, message: 'Unknown setting DRBD_WAIT is ignored' }]);
  });

  test('a kubeconfig without its cluster is a warning', () => {
    expect(parseSettings('DR_KUBECONFIG=x\n').problems).toMatchObject([
      { severity: 'warning', line: 1, message: 'DR_KUBECONFIG is set, but DR_CLUSTER is not' },
    ]);
  });

  test('a lock wait as long as the whole operation is a warning', () => {
    const messages = parseSettings('DRBD_WAIT_TIME=300\n').problems.map((problem) => problem.message);
    expect(messages).toEqual(['DRBD_WAIT_TIME (300) leaves nothing of FAILOVER_TIMEOUT (300)']);
  });

  test('parsing never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => parseSettings(text).problems.length >= 0));
  });
});

describe('rewriting a settings file', () => {
  test('keeps comments, order and unknown lines', () => {
    const text = '# mine\nOTHER=1\n\nDRBD_WAIT_TIME=30 # seconds\n# end\n';
    expect(withSettings(text, { DRBD_WAIT_TIME: '45' })).toBe('# mine\nOTHER=1\n\nDRBD_WAIT_TIME=45\n# end\n');
  });

  test('keeps a cluster together and in its place', () => {
    const registered = withCluster(initialSettingsText(), {
      name: 'cluster1',
      role: 'primary',
      kubeconfig: 'my cluster.kubeconfig',
      kubeContext: 'admin',
    });
    expect(registered).toContain(
      'PRIMARY_CLUSTER=cluster1\nPRIMARY_KUBECONFIG="my cluster.kubeconfig"\nPRIMARY_CONTEXT=admin\nDR_CLUSTER=\n',
    );
  });

  const value = fc.stringMatching(/^[A-Za-z0-9 #'./@_-]{1,20}$/).filter((text) => text.trim() === text);
  const cluster = fc.record(
    {
      name: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/),
      role: fc.constantFrom('primary' as const, 'dr' as const, 'quorum' as const),
      kubeconfig: value,
      kubeContext: value,
    },
    { requiredKeys: ['name', 'role', 'kubeconfig'] },
  );

  test('what is registered is what is read back, and removing it leaves no trace', () => {
    fc.assert(
      fc.property(cluster, (given) => {
        const text = withCluster(initialSettingsText(), given);
        expect(parseSettings(text)).toMatchObject({ problems: [], settings: { clusters: [given] } });
        const { settings, problems } = parseSettings(withoutCluster(text, given));
        expect({ clusters: settings.clusters, problems }).toEqual({ clusters: [], problems: [] });
      }),
    );
  });

  test('every known key may be set and read without a warning about its name', () => {
    for (const key of settingsKeys) {
      const problems = parseSettings(withSettings('', { [key]: '1' })).problems.map((problem) => problem.message);
      expect(problems.filter((message) => message.startsWith('Unknown'))).toEqual([]);
    }
  });
});
