import { guardedScript, preconditionFailed } from '../../../model/drbd-command.ts';
import { drbdReportScript } from '../../../model/drbd-report.ts';
import type { ExecResult } from '../../../model/exec-result.ts';
import type { SatelliteHost } from './arguments.ts';
import { drbdadm } from './drbdadm.ts';
import { drbdsetup } from './drbdsetup.ts';
import { failed, printed } from './results.ts';

type Program = (host: SatelliteHost, words: readonly string[]) => ExecResult;

const programs: Readonly<Record<string, Program>> = { drbdsetup, drbdadm, sh: shell };

/** Runs a program of a satellite's container; undefined when the container does not have it. */
export function runProgram(host: SatelliteHost, command: readonly string[]): ExecResult | undefined {
  const [path = '', ...words] = command;
  const name = path.replace(/^\/(?:usr\/)?s?bin\//, '');
  return Object.hasOwn(programs, name) ? programs[name]?.(host, words) : undefined;
}

/**
 * `sh -c`: the product's own two scripts, and lines of one command. There is no shell language here; what the scripts do is
 * written out, and held against a real shell in the tests.
 */
function shell(host: SatelliteHost, [flag, script = '', ...args]: readonly string[]): ExecResult {
  if (flag !== '-c') return failed(2, `sh: 0: cannot open ${flag ?? ''}: No such file`);
  if (script === drbdReportScript) return reportDrbd(host, args.slice(1));
  if (script === guardedScript) return runGuarded(host, args.slice(1));
  if (/[^\w\s:/=.,@%+-]/.test(script)) {
    return failed(2, 'sh: 1: Syntax error: the simulated container runs single commands without quotes, not scripts');
  }
  const words = script.trim().split(/\s+/);
  return runProgram(host, words) ?? failed(127, `sh: 1: ${words[0]}: not found`);
}

/** What `drbdReportScript` does. */
function reportDrbd(host: SatelliteHost, named: readonly string[]): ExecResult {
  const all = (): readonly string[] =>
    [...drbdsetup(host, ['events2', '--now']).stdout.matchAll(/^exists resource name:(\S*)/gm)].map(
      ([, name]) => name ?? '',
    );
  const resources = named.length > 0 ? named : all();
  const lines = resources.flatMap((resource) => {
    const shown = drbdsetup(host, ['events2', '--now', '--statistics', resource]).stdout.trimEnd().split('\n');
    const peers = shown.flatMap((line) => /^exists peer-device .*peer-node-id:(\d*)/.exec(line)?.[1] ?? []);
    const generations = peers.flatMap((peer) => {
      const { exitCode, stdout } = drbdsetup(host, ['get-gi', resource, peer, '0']);
      return exitCode === 0 ? [`gi name:${resource} peer-node-id:${peer} ${stdout.trimEnd()}`] : [];
    });
    return [...shown, ...generations];
  });
  return printed(lines.map((line) => `${line}\n`).join(''));
}

/** What `guardedScript` does. */
function runGuarded(host: SatelliteHost, args: readonly string[]): ExecResult {
  const [resource = '', role = '', peer = '', current = '', ...command] = args;
  const status = drbdsetup(host, ['status', resource]);
  const seenRole = /^.* role:([A-Za-z]*)/.exec(status.stdout.split('\n')[0] ?? '')?.[1];
  if (seenRole !== role) {
    return refused(status.stderr, `role is ${seenRole ?? 'not reported'}, not ${role}`);
  }
  if (peer !== '-') {
    const { stdout, stderr } = drbdsetup(host, ['get-gi', resource, peer, '0']);
    const seen = evenDigits(stdout.split(':')[0]?.trim() ?? '');
    if (seen !== current) return refused(stderr, `data generation is ${seen || 'not reported'}, not ${current}`);
  }
  return runProgram(host, command) ?? failed(127, `drbd-guarded: 1: exec: ${command[0] ?? ''}: not found`);
}

function refused(before: string, why: string): ExecResult {
  return { exitCode: preconditionFailed, stdout: '', stderr: `${before}${why}\n` };
}

/** A generation without its lowest bit. */
function evenDigits(digits: string): string {
  return digits.replace(/[\dA-F]$/, (last) => (Number.parseInt(last, 16) & ~1).toString(16).toUpperCase());
}
