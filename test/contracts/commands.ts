import { expect, test } from 'vitest';
import { drbdCommands, guardedProgram, preconditionFailed } from '../../src/model/drbd-command.ts';
import { drbdReading, drbdReportRequest } from '../../src/model/drbd-report.ts';
import { execResultOf } from '../../src/model/exec-result.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import { resources } from '../../src/model/kube.ts';
import type { Outcome } from '../../src/model/request.ts';
import { onSatellite, type Satellite, satellitesOf, satelliteSelector } from '../../src/model/satellite.ts';
import type { DriverUnderTest } from './driver-under-test.ts';

/** What everything above a driver counts on when it runs commands in pods. */
export function describeCommands(driver: () => DriverUnderTest): void {
  const satellite = async (): Promise<Satellite> => {
    const options = { labelSelector: satelliteSelector };
    const pods = await driver().perform({
      api: 'kube',
      site: 'cluster1',
      verb: 'list',
      resource: resources.pod,
      options,
    });
    if (pods.kind !== 'applied') throw new Error(pods.message);
    const { items } = pods.body as unknown as { readonly items: readonly KubeObject[] };
    const found = satellitesOf('cluster1', items).find(({ node }) => node === 'n1');
    if (found === undefined) throw new Error('n1 has no satellite');
    return found;
  };
  const run = async (...command: readonly string[]): Promise<Outcome> =>
    driver().perform(onSatellite(await satellite(), command));

  test('a command that has run to its end is applied, whatever its exit code', async () => {
    expect(await run('drbdadm', 'role', 'vol')).toEqual({
      kind: 'applied',
      status: 200,
      body: { exitCode: 0, stdout: 'Secondary\n', stderr: '' },
    });
    expect(await run('drbdsetup', 'primary', 'missing')).toEqual({
      kind: 'applied',
      status: 200,
      body: { exitCode: 10, stdout: '', stderr: 'missing: Failure: (158) Unknown resource\n' },
    });
  });

  test('words of a command arrive as they are, scripts too', async () => {
    const report = drbdReading('n1', await driver().perform(drbdReportRequest(await satellite(), ['missing', 'vol'])));
    expect(report.known && report.value.get('vol')).toMatchObject({ role: 'Secondary', disk: 'UpToDate' });
    expect(report.known && report.value.get('vol')?.peers[0]?.generation?.current).toMatch(/^[0-9A-F]{16}$/);
    expect(await run('drbdadm', 'role', 'a&b=ä +%')).toMatchObject({
      body: { exitCode: 3, stderr: "'a&b=ä +%' not defined in your config (for this host).\n" },
    });
  });

  test('a guarded command whose precondition does not hold does nothing', async () => {
    const precondition = { resource: 'vol', role: 'Primary' } as const;
    const request = guardedProgram(await satellite(), precondition, drbdCommands.forcePrimary('vol').program);
    const result = execResultOf(await driver().perform(request));
    expect(result).toMatchObject({ known: true, value: { exitCode: preconditionFailed } });
    expect(await run('drbdadm', 'role', 'vol')).toHaveProperty('body.stdout', 'Secondary\n');
  });

  test('a command is refused for a pod or a container that is not there, and names the pod', async () => {
    const request = onSatellite(await satellite(), ['drbdsetup', 'status']);
    const absent = await driver().perform({ ...request, pod: 'absent' });
    expect(absent).toMatchObject({ kind: 'refused', status: 404, reason: 'NotFound' });
    expect(absent).toHaveProperty('body.details.name', 'absent');
    expect(await driver().perform({ ...request, container: 'absent' })).toMatchObject({
      kind: 'refused',
      status: 400,
      reason: 'BadRequest',
    });
  });

  test('a program that is not in the container leaves it open what was done', async () => {
    const outcome = await run('frobnicate');
    expect(outcome).toMatchObject({ kind: 'unknown', reason: 'server-error' });
    expect(outcome).toHaveProperty('message', expect.stringContaining('frobnicate'));
  });

  test('a command of which nothing is heard is unknown after its time', async () => {
    const request = onSatellite(await satellite(), ['drbdadm', 'role', 'vol']);
    await driver().freezeSatellite(true);
    const outcome = await driver().perform(request);
    await driver().freezeSatellite(false);
    expect(outcome).toMatchObject({ kind: 'unknown', reason: 'timeout' });
    expect(await driver().perform(request)).toMatchObject({ kind: 'applied' });
  });

  test('a command to a site that hangs is unknown, to one that refuses connections nothing was done', async () => {
    const request = onSatellite(await satellite(), ['drbdadm', 'role', 'vol']);
    await driver().setReachability('hang');
    const hanging = await driver().perform(request);
    await driver().setReachability('refuse');
    const refusing = await driver().perform(request);
    await driver().setReachability('open');
    expect(hanging).toMatchObject({ kind: 'unknown' });
    expect(refusing).toMatchObject({ kind: 'unknown', reason: 'unreachable' });
  });
}
