import type { DrbdAdministration } from '../../../src/drivers/sim/drbd/administration.ts';
import type { DrbdKernel } from '../../../src/drivers/sim/drbd/kernel.ts';
import { type DrbdOptions, optionsFromText } from '../../../src/drivers/sim/drbd/options.ts';
import { type CommandResult, done } from '../../../src/drivers/sim/drbd/refusals.ts';

/** The one resource of every recording. */
export const resource = 'vol';

/**
 * A recorded command line of drbdadm or drbdsetup (or of DRBD's own fault injection) as an act on the model; undefined where the model has no such
 * command. `nodes` in the order of their ids.
 */
export function commandOf(
  kernel: DrbdKernel,
  nodes: readonly { readonly name: string; readonly disk: boolean }[],
  node: string,
  command: string,
): (() => CommandResult) | undefined {
  const injected = /echo (\d+) > (?:\S+\/)?enable_faults/.exec(command)?.[1];
  if (injected !== undefined) return () => injectFaults(kernel, node, injected !== '0');
  const force = command.includes('--force');
  const verb = /^drbd(?:adm|setup) (\S+)/.exec(command)?.[1];
  switch (verb) {
    case 'primary':
      return () => kernel.promote(resource, node, { force });
    case 'secondary':
      return () => kernel.demote(resource, node, { force });
    case 'up':
      return () => kernel.up(resource, node);
    case 'down':
      return () => kernel.down(resource, node);
    case 'outdate':
      return () => kernel.outdate(resource, node);
    case 'resource-options':
      return () => kernel.setOptions(resource, optionsOf(command), node);
    // A connection's options are told to the other end.
    case 'net-options':
      return () => kernel.setOptions(resource, optionsOf(command));
    case 'connect':
    case 'disconnect':
    case 'adjust':
      return () => eachPeer(peersOf(nodes, node, command), (peer) => network(kernel, node, peer, verb, command));
    default:
      return administration(kernel, nodes, node, command, verb);
  }
}

function administration(
  kernel: DrbdKernel,
  nodes: readonly { readonly name: string; readonly disk: boolean }[],
  node: string,
  command: string,
  verb: string | undefined,
): (() => CommandResult) | undefined {
  const run = (order: DrbdAdministration): CommandResult => kernel.administer(resource, node, order);
  const resetBitmap = !command.includes('--reset-bitmap=no');
  const withDisk = (): readonly string[] =>
    peersOf(nodes, node, command).filter((peer) => nodes.some(({ name, disk }) => name === peer && disk));
  switch (verb) {
    case 'detach':
      return () => run({ kind: 'detach', force: command.includes('--force') });
    case 'attach':
      return () => run({ kind: 'attach' });
    case 'invalidate':
      return () => run({ kind: 'invalidate', resetBitmap });
    case 'invalidate-remote':
      return () => eachPeer(withDisk(), (peer) => run({ kind: 'invalidate-remote', peer, resetBitmap }));
    case 'verify':
      return () =>
        eachPeer(withDisk(), (peer) => run({ kind: 'verify', peer, fromStart: command.includes('--start=0') }));
    case 'new-current-uuid':
      return () => run({ kind: 'new-current-uuid', clearBitmap: command.includes('--clear-bitmap') });
    default:
      return undefined;
  }
}

/** The options that a command line sets: `--quorum=off`. */
function optionsOf(command: string): Partial<DrbdOptions> {
  const texts = Object.fromEntries([...command.matchAll(/--([\w-]+)=(\S+)/g)].map(([, name, value]) => [name, value]));
  const known = Object.entries(optionsFromText(texts)).filter(([name]) => name in texts);
  return Object.fromEntries(known);
}

/** The peers that a command names, by name (`vol:site-b`) or id (`vol 1`); all of them where it names none. */
function peersOf(nodes: readonly { readonly name: string }[], node: string, command: string): readonly string[] {
  const byId = /^drbdsetup [\w-]+ vol (\d)/.exec(command)?.[1];
  const named = byId === undefined ? /vol:([^\s/]+)/.exec(command)?.[1] : nodes[Number(byId)]?.name;
  return named === undefined ? nodes.map(({ name }) => name).filter((name) => name !== node) : [named];
}

/** drbdadm stops at the first refusal. */
function eachPeer(peers: readonly string[], run: (peer: string) => CommandResult): CommandResult {
  for (const peer of peers) {
    const result = run(peer);
    if (result.exit !== 0) return result;
  }
  return done;
}

function network(
  kernel: DrbdKernel,
  node: string,
  peer: string,
  verb: 'connect' | 'disconnect' | 'adjust',
  command: string,
): CommandResult {
  if (verb === 'disconnect') return kernel.disconnect(resource, node, peer);
  const isAlone = kernel.replica(resource, node)!.peers.get(peer)!.connection === 'StandAlone';
  if (verb === 'adjust' && !isAlone) return done;
  return kernel.connect(resource, node, peer, { discardMyData: command.includes('--discard-my-data') });
}

function injectFaults(kernel: DrbdKernel, node: string, isBroken: boolean): CommandResult {
  kernel.breakDisk(resource, node, isBroken);
  return done;
}
