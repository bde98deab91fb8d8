import type { ExecResult } from '../../../model/exec-result.ts';
import type { Peer } from '../drbd/replica.ts';
import { type Arguments, argumentsOf, type OwnReplica, replicasOf, type SatelliteHost } from './arguments.ts';
import { drbdsetup } from './drbdsetup.ts';
import { failed, inTurn, printed, resultOf } from './results.ts';

/**
 * drbdadm(8): it knows the resources by LINSTOR's files and has drbdsetup do the work, whose command it names when that fails
 * (LINBIT/drbd-utils `user/v9/drbdadm_main.c`). A command that it does not know, or the world does not have, ends with exit code 3.
 */
export function drbdadm(host: SatelliteHost, words: readonly string[]): ExecResult {
  const [name = '', ...rest] = words;
  const run = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (run === undefined) return failed(usageError, `drbdadm: Unknown command '${name}'`);
  const given = argumentsOf(rest);
  if (name === 'status' && given.operands.length === 0) return drbdsetup(host, words);
  if (given.operands.length === 0) return failed(usageError, 'No resource names specified');
  const targets: Target[] = [];
  for (const operand of given.operands) {
    const found = targetsOf(host, operand);
    if (found.length === 0) return failed(usageError, `'${operand}' not defined in your config (for this host).`);
    targets.push(...found);
  }
  return inTurn(targets.map((target) => () => run(host, target, given)));
}

const usageError = 3;

/** `res`, `res:peer`, `res/0` or `res:peer/0`: a resource, with all of its peers or one. */
interface Target {
  readonly own: OwnReplica;
  readonly peers: readonly Peer[];
}

function targetsOf(host: SatelliteHost, operand: string): readonly Target[] {
  const [, name, peerName] = /^([^:/]+)(?::([^/]+))?(?:\/0)?$/.exec(operand) ?? [];
  return replicasOf(host).flatMap((own): readonly Target[] => {
    if (name !== 'all' && own.resource.name !== name) return [];
    const peers = [...own.replica.peers.values()].filter(({ node }) => peerName === undefined || node === peerName);
    return peerName !== undefined && peers.length === 0 ? [] : [{ own, peers }];
  });
}

type Run = (host: SatelliteHost, target: Target, given: Arguments) => ExecResult;

const commands: Readonly<Record<string, Run>> = {
  status: forResource('status'),
  role: forResource('role'),
  primary: forResource('primary'),
  secondary: forResource('secondary'),
  down: forResource('down'),
  cstate: forPeers('cstate'),
  connect: forPeers('connect'),
  disconnect: forPeers('disconnect'),
  verify: forPeers('verify', ({ kind }) => kind === 'diskful'),
  'invalidate-remote': forPeers('invalidate-remote', ({ kind }) => kind === 'diskful'),
  dstate: forDevice('dstate'),
  invalidate: forDevice('invalidate'),
  outdate: forDevice('outdate'),
  detach: forDevice('detach'),
  'new-current-uuid': forDevice('new-current-uuid'),
  attach: (host, { own: { resource } }) =>
    resultOf(host.kernel.administer(resource.name, host.node, { kind: 'attach' }), String(resource.minor)),
  up: (host, { own }) => bringUp(host, own),
  adjust: (host, target, given) => {
    if (!target.own.replica.running) return bringUp(host, target.own);
    const peers = target.peers.filter(({ connection }) => connection === 'StandAlone');
    return forPeers('connect')(host, { ...target, peers }, given);
  },
};

function bringUp(host: SatelliteHost, { resource }: OwnReplica): ExecResult {
  return resultOf(host.kernel.up(resource.name, host.node), resource.name);
}

function forResource(command: string): Run {
  return (host, { own }, { options }) => setup(host, [command, own.resource.name, ...optionWords(options)]);
}

function forDevice(command: string): Run {
  return (host, { own }, { options }) => setup(host, [command, String(own.resource.minor), ...optionWords(options)]);
}

function forPeers(command: string, takes: (peer: Peer) => boolean = () => true): Run {
  const volume = command === 'verify' || command === 'invalidate-remote' ? ['0'] : [];
  return (host, { own, peers }, { options }) =>
    inTurn(
      peers.filter(takes).map(
        ({ nodeId }) =>
          () =>
            setup(host, [command, own.resource.name, String(nodeId), ...volume, ...optionWords(options)]),
      ),
    );
}

function setup(host: SatelliteHost, words: readonly string[]): ExecResult {
  const { exitCode, stdout, stderr } = drbdsetup(host, words);
  if (exitCode === 0) return printed(stdout);
  const said = `${stderr}Command 'drbdsetup ${words.join(' ')}' terminated with exit code ${exitCode}\n`;
  return { exitCode, stdout, stderr: said };
}

function optionWords(options: Arguments['options']): readonly string[] {
  return [...options].map(([name, value]) => (value === '' ? `--${name}` : `--${name}=${value}`));
}
