import type { ExecResult } from '../../../model/exec-result.ts';
import type { DrbdAdministration } from '../drbd/administration.ts';
import { type DrbdOptions, optionsFromText } from '../drbd/options.ts';
import { type CommandResult, refuseConfiguration } from '../drbd/refusals.ts';
import type { Peer } from '../drbd/replica.ts';
import { statusOf } from '../drbd/status-report.ts';
import {
  type Arguments,
  argumentsOf,
  type OwnReplica,
  peerById,
  replicaOfDevice,
  replicasOf,
  runningReplica,
  type SatelliteHost,
} from './arguments.ts';
import { eventLines } from './events-text.ts';
import { generationLegend, generationLine } from './generation-text.ts';
import { failed, printed, resultOf } from './results.ts';
import { statusText } from './status-text.ts';

/**
 * drbdsetup(8): what it prints and how it ends (LINBIT/drbd-utils `user/v9/drbdsetup.c`). A command that it does not know
 * ends with exit code 20, and so do those that the world does not have.
 */
export function drbdsetup(host: SatelliteHost, words: readonly string[]): ExecResult {
  const [name = '', ...rest] = words;
  const run = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return run === undefined ? { exitCode: 20, stdout: usage, stderr: '' } : run(host, argumentsOf(rest));
}

type Run = (host: SatelliteHost, given: Arguments) => ExecResult;

const commands: Readonly<Record<string, Run>> = {
  status,
  events2,
  'get-gi': (host, given) => generations(host, given, generationLine),
  'show-gi': (host, given) => generations(host, given, (...of) => generationLegend(generationLine(...of)).trimEnd()),
  role: onResource((_host, { replica }) => printed(`${replica.role}\n`)),
  cstate: onPeer((_host, _own, peer) => printed(`${peer.connection}\n`)),
  primary: onResource((host, { resource }, { options }) =>
    resultOf(host.kernel.promote(resource.name, host.node, { force: options.has('force') }), resource.name),
  ),
  secondary: onResource((host, { resource }, { options }) =>
    resultOf(host.kernel.demote(resource.name, host.node, { force: options.has('force') }), resource.name),
  ),
  down: (host, given) => {
    const own = runningReplica(host, given.operands[0]);
    // It takes down those that are there: one that is not is no failure.
    return own === undefined
      ? printed('')
      : resultOf(host.kernel.down(own.resource.name, host.node), own.resource.name);
  },
  connect: onPeer((host, { resource }, peer, { options }) => {
    const discardMyData = options.has('discard-my-data');
    return resultOf(host.kernel.connect(resource.name, host.node, peer.node, { discardMyData }), resource.name);
  }),
  disconnect: onPeer((host, { resource }, peer) =>
    resultOf(host.kernel.disconnect(resource.name, host.node, peer.node), resource.name),
  ),
  verify: onPeer((host, own, peer, { options }) =>
    administer(host, own, { kind: 'verify', peer: peer.node, fromStart: options.get('start') === '0' }),
  ),
  'invalidate-remote': onPeer((host, own, peer, { options }) =>
    administer(host, own, { kind: 'invalidate-remote', peer: peer.node, resetBitmap: resetsBitmap(options) }),
  ),
  invalidate: onDevice((host, own, { options }) =>
    administer(host, own, { kind: 'invalidate', resetBitmap: resetsBitmap(options) }),
  ),
  detach: onDevice((host, own, { options }) => administer(host, own, { kind: 'detach', force: options.has('force') })),
  'new-current-uuid': onDevice((host, own, { options }) =>
    administer(host, own, { kind: 'new-current-uuid', clearBitmap: options.has('clear-bitmap') }),
  ),
  outdate: onDevice((host, { resource }) => host.kernel.outdate(resource.name, host.node)),
  dstate: (host, { operands }) => {
    const own = replicaOfDevice(host, operands[0]);
    return own === undefined ? failed(10, `${operands[0] ?? '??'}: Unknown minor`) : printed(`${own.replica.disk}\n`);
  },
  'resource-options': onResource((host, { resource }, { options }) =>
    resultOf(host.kernel.setOptions(resource.name, optionsOf(options), host.node), resource.name),
  ),
  // A connection's options are told to the other end.
  'net-options': onPeer((host, { resource }, _peer, { options }) =>
    resultOf(host.kernel.setOptions(resource.name, optionsOf(options)), resource.name),
  ),
};

const usage = `drbdsetup - Configure the DRBD kernel module.

USAGE: drbdsetup command {arguments} [options]

Commands:
${Object.keys(commands)
  .map((name) => `    ${name}`)
  .join('\n')}

Use 'drbdsetup help command' for command-specific help.


invalid command
`;

function status(host: SatelliteHost, { operands: [name = 'all'], options }: Arguments): ExecResult {
  const found = named(host, name);
  if (options.has('json')) {
    const shown = found.map(({ resource, replica }) => statusOf(resource, replica, host.now));
    return printed(`${JSON.stringify(shown, undefined, 2)}\n`);
  }
  if (found.length === 0) return name === 'all' ? printed('# No currently configured DRBD found.\n') : noSuch(name);
  const shows = { verbose: options.has('verbose'), statistics: options.has('statistics') };
  return printed(found.map((own) => statusText(own, host.now, shows)).join(''));
}

function events2(host: SatelliteHost, { operands: [name = 'all'], options }: Arguments): ExecResult {
  const lines = named(host, name).flatMap((own) => eventLines(own, host.now, options.has('statistics')));
  return printed([...lines, 'exists -', ''].join('\n'));
}

function generations(
  host: SatelliteHost,
  { operands: [name = '??', nodeId] }: Arguments,
  show: typeof generationLine,
): ExecResult {
  const own = runningReplica(host, name);
  const peer = own && peerById(own, nodeId);
  if (own === undefined || peer === undefined) return failed(10, `${name}: No such peer device`);
  if (own.replica.disk === 'Diskless') {
    return failed(1, peer.replication === 'Off' ? 'Device is unconfigured' : 'Device has no disk');
  }
  return printed(`${show(own.replica, peer)}\n`);
}

/** The resources that are up on the node: all of them, or the one of that name. */
function named(host: SatelliteHost, name: string): readonly OwnReplica[] {
  return replicasOf(host).filter(
    ({ resource, replica }) => replica.running && (name === 'all' || resource.name === name),
  );
}

function onResource(run: (host: SatelliteHost, own: OwnReplica, given: Arguments) => ExecResult): Run {
  return (host, given) => {
    const [name = '??'] = given.operands;
    const own = runningReplica(host, name);
    return own === undefined ? resultOf(refuseConfiguration(name, '158'), name) : run(host, own, given);
  };
}

function onPeer(run: (host: SatelliteHost, own: OwnReplica, peer: Peer, given: Arguments) => ExecResult): Run {
  return onResource((host, own, given) => {
    const peer = peerById(own, given.operands[1]);
    return peer === undefined ? noSuchConnection(own.resource.name) : run(host, own, peer, given);
  });
}

/** Commands about a device name it by its minor number, and so do their refusals. */
function onDevice(run: (host: SatelliteHost, own: OwnReplica, given: Arguments) => CommandResult | ExecResult): Run {
  return (host, given) => {
    const [device = '??'] = given.operands;
    const own = replicaOfDevice(host, device);
    if (own === undefined) return failed(10, `${device}: Failure: (127) Device minor not allocated`);
    const result = run(host, own, given);
    if ('exit' in result) return resultOf(result, device);
    return { ...result, stderr: result.stderr.replace(/^\S+: /, `${device}: `) };
  };
}

function administer(host: SatelliteHost, { resource }: OwnReplica, order: DrbdAdministration): ExecResult {
  return resultOf(host.kernel.administer(resource.name, host.node, order), resource.name);
}

function optionsOf(given: Arguments['options']): Partial<DrbdOptions> {
  const texts = Object.fromEntries(given);
  const known = Object.entries(optionsFromText(texts)).filter(([option]) => option in texts);
  return Object.fromEntries(known);
}

function resetsBitmap(options: Arguments['options']): boolean {
  return options.get('reset-bitmap') !== 'no';
}

function noSuch(name: string): ExecResult {
  return failed(10, `${name}: No such resource`);
}

function noSuchConnection(name: string): ExecResult {
  const text = `${name}: Failure: (162) Invalid configuration request\nadditional info from kernel:\nunknown connection`;
  return failed(10, text);
}
