import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drbdReading, drbdReportRequest, parseDrbdReport } from '../../src/model/drbd-report.ts';
import { drbdCommands, guardedProgram, preconditionFailed } from '../../src/model/drbd-command.ts';
import { execOutcome } from '../../src/model/exec-result.ts';
import type { ExecRequest } from '../../src/model/request.ts';

const satellite = { site: 'cluster1', node: 'site-a', namespace: 'piraeus-datastore', pod: 'linstor-satellite.site-a' };

const events = `exists resource name:vol role:Primary suspended:quorum force-io-failures:no may_promote:no promotion_score:0
exists connection name:vol peer-node-id:1 conn-name:site-b connection:Connecting role:Unknown
exists device name:vol volume:0 minor:1000 backing_dev:/dev/vda disk:UpToDate client:no open:yes quorum:no size:65484
exists peer-device name:vol peer-node-id:1 conn-name:site-b volume:0 replication:Off peer-disk:DUnknown out-of-sync:4
exists -`;
const gi = 'CD811A0335988BED:0000000000000000:0000000000000000:0000000000000000:1:1:1:1:0:0:1:0:0:0:0:1';

/** A drbdsetup that knows one resource, and says when it is told to do something. */
const drbdsetup = `#!/bin/sh
case "$*" in
  "events2 --now --statistics vol") printf '%s\\n' '${events.replaceAll('\n', "' '")}' ;;
  "get-gi vol 1 0") echo '${gi}' ;;
  "status vol") printf '%s\\n' 'vol role:Primary suspended:quorum' '  disk:UpToDate open:yes' ;;
  "secondary --force vol") echo 'done' ;;
  *) exit 10 ;;
esac
`;

describe('what DRBD says on a node', () => {
  test('is asked for by a script that any shell runs', () => {
    const text = run(drbdReportRequest(satellite, ['missing', 'vol'])).stdout;
    const report = parseDrbdReport(text);
    expect([...report.keys()]).toEqual(['vol']);
    expect(report.get('vol')).toMatchObject({
      role: 'Primary',
      suspended: 'quorum',
      quorum: 'no',
      open: 'yes',
      disk: 'UpToDate',
      minor: 1000,
      sizeKib: 65484,
      peers: [{ node: 'site-b', nodeId: 1, connection: 'Connecting', disk: 'DUnknown', outOfSyncKib: 4 }],
    });
  });

  test('has the data generation of each peer, without the bit that only says who is Primary', () => {
    const [peer] = parseDrbdReport(run(drbdReportRequest(satellite, ['vol'])).stdout).get('vol')?.peers ?? [];
    expect(peer?.generation).toMatchObject({
      current: 'CD811A0335988BEC',
      bitmap: '0000000000000000',
      primaryLostQuorum: true,
      crashedPrimary: true,
    });
  });

  test('is unknown while the node does not answer, or its answer breaks off', () => {
    expect(drbdReading('site-a', { kind: 'unknown', reason: 'timeout', message: 'no answer' })).toEqual({
      known: false,
      why: 'DRBD on site-a: no answer',
    });
    expect(drbdReading('site-a', execOutcome({ exitCode: 137, stdout: '', stderr: 'killed' })).known).toBe(false);
  });

  test('leaves unknown what is not reported', () => {
    const report = parseDrbdReport('exists resource name:vol role:Secondary\n').get('vol');
    expect(report).toMatchObject({ quorum: 'unknown', open: 'unknown', mayPromote: 'unknown', disk: undefined });
  });
});

describe('a command with a precondition', () => {
  const demote = drbdCommands.demoteByForce('vol').program;
  const generation = { peer: 'b', peerNodeId: 1, current: 'CD811A0335988BEC' };

  test('runs while everything is as it was seen', () => {
    const seen = { resource: 'vol', role: 'Primary', generation } as const;
    expect(run(guardedProgram(satellite, seen, demote))).toMatchObject({ exitCode: 0, stdout: 'done\n' });
  });

  test('does nothing when the role is another one', () => {
    const seen = { resource: 'vol', role: 'Secondary', generation } as const;
    expect(run(guardedProgram(satellite, seen, demote))).toMatchObject({ exitCode: preconditionFailed, stdout: '' });
  });

  test('does nothing when the data has changed since', () => {
    const seen = {
      resource: 'vol',
      role: 'Primary',
      generation: { ...generation, current: 'AA811A0335988BEC' },
    } as const;
    expect(run(guardedProgram(satellite, seen, demote))).toMatchObject({ exitCode: preconditionFailed, stdout: '' });
  });

  test('does nothing when the resource is not there', () => {
    const seen = { resource: 'missing', role: 'Secondary' } as const;
    expect(run(guardedProgram(satellite, seen, demote)).exitCode).toBe(preconditionFailed);
  });
});

/** Runs a command as a container would, with the drbdsetup above. */
function run({ command }: ExecRequest): { exitCode: number; stdout: string; stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), 'drbdsetup-'));
  const tool = join(folder, 'drbdsetup');
  writeFileSync(tool, drbdsetup);
  chmodSync(tool, 0o755);
  const [program, ...args] = command;
  const env = { PATH: `${folder}:${process.env.PATH}` };
  try {
    return {
      exitCode: 0,
      stdout: execFileSync(program as string, args, { env, encoding: 'utf8', stdio: 'pipe' }),
      stderr: '',
    };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { exitCode: status, stdout, stderr };
  }
}
