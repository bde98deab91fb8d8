import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { drbdCommands, guardedProgram } from '../../../../src/model/drbd-command.ts';
import { drbdReportRequest } from '../../../../src/model/drbd-report.ts';
import type { ExecResult } from '../../../../src/model/exec-result.ts';
import { ShellLab } from './shell-lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'satellite-scripts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Answers from files, whose names are the words of the command. */
const program = `#!/bin/sh
answer="$ANSWERS/$(echo "$(basename "$0") $*" | tr ' /' '__')"
[ -f "$answer.exit" ] || { echo "no answer is kept for $*" >&2; exit 99; }
cat "$answer.stdout"; cat "$answer.stderr" >&2; exit "$(cat "$answer.exit")"
`;
for (const name of ['drbdsetup', 'drbdadm']) {
  writeFileSync(join(folder, name), program);
  chmodSync(join(folder, name), 0o755);
}

/** Runs a script in a real shell, where drbdsetup and drbdadm answer what those of the satellite would answer now. */
function inRealShell(lab: ShellLab, node: string, script: readonly string[], asked: readonly string[]): ExecResult {
  const answers = mkdtempSync(join(folder, 'answers-'));
  mkdirSync(answers, { recursive: true });
  for (const line of asked) {
    const { exitCode, stdout, stderr } = lab.type(node, line);
    const name = join(answers, line.replaceAll(/[ /]/g, '_'));
    writeFileSync(`${name}.exit`, String(exitCode));
    writeFileSync(`${name}.stdout`, stdout);
    writeFileSync(`${name}.stderr`, stderr);
  }
  const [shell = '', ...rest] = script;
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, ANSWERS: answers };
  const { status, stdout, stderr } = spawnSync(shell, rest, { env, encoding: 'utf8' });
  return { exitCode: status ?? -1, stdout, stderr };
}

const satellite = { site: 'cluster1', node: 'a', namespace: 'piraeus-datastore', pod: 'linstor-satellite.a' };

/** A pair with a tiebreaker in which a has lost b, was Primary and wrote. */
function parted(): ShellLab {
  const lab = new ShellLab(['a', 'b', 'tb'], { quorum: 'majority' });
  lab.kernel.setLink('a', 'b', false, { silent: false });
  lab.kernel.open('vol', 'a', 'writer', 'rw');
  lab.kernel.write('vol', 'a', 'writer');
  return lab;
}

describe('the scripts of the product do the same in a real shell', () => {
  test.each([
    ['a', ['vol']],
    ['a', ['missing', 'vol']],
    ['b', ['vol']],
    ['tb', ['vol']],
  ] as const)('report of %s on %j', (node, resources) => {
    const lab = parted();
    const { command } = drbdReportRequest(satellite, resources);
    const asked = ['vol', 'missing'].flatMap((resource) => [
      `drbdsetup events2 --now --statistics ${resource}`,
      ...[0, 1, 2].map((peer) => `drbdsetup get-gi ${resource} ${peer} 0`),
    ]);
    const here = lab.run(node, ...command);
    expect(here.stdout).toContain('exists resource name:vol ');
    expect(inRealShell(lab, node, command, asked)).toEqual(here);
  });

  const current = (lab: ShellLab): string => {
    const digits = lab.on('a').metadata.current;
    return digits.slice(0, 15) + (Number.parseInt(digits.slice(15), 16) & ~1).toString(16).toUpperCase();
  };
  const demote = drbdCommands.demote('vol').program;

  test.each([
    ['holds', 11, () => ({ resource: 'vol', role: 'Primary' }) as const],
    ['is about another role', 90, () => ({ resource: 'vol', role: 'Secondary' }) as const],
    ['is about a resource that is not there', 90, () => ({ resource: 'missing', role: 'Primary' }) as const],
    [
      'holds for role and generation',
      11,
      (lab: ShellLab) =>
        ({
          resource: 'vol',
          role: 'Primary',
          generation: { peer: 'b', peerNodeId: 1, current: current(lab) },
        }) as const,
    ],
    [
      'is about another generation',
      90,
      () =>
        ({
          resource: 'vol',
          role: 'Primary',
          generation: { peer: 'b', peerNodeId: 1, current: 'CD811A0335988BEC' },
        }) as const,
    ],
    [
      'is about a peer that is not there',
      90,
      (lab: ShellLab) =>
        ({
          resource: 'vol',
          role: 'Primary',
          generation: { peer: 'b', peerNodeId: 7, current: current(lab) },
        }) as const,
    ],
  ])('a precondition that %s ends with %d', (_name, exitCode, precondition) => {
    const lab = parted();
    const { command } = guardedProgram(satellite, precondition(lab), demote);
    const asked = [
      'drbdsetup status vol',
      'drbdsetup status missing',
      'drbdsetup get-gi vol 1 0',
      'drbdsetup get-gi vol 7 0',
      'drbdsetup secondary vol',
    ];
    const there = inRealShell(lab, 'a', command, asked);
    expect(there.exitCode).toBe(exitCode);
    expect(lab.run('a', ...command)).toEqual(there);
  });
});
