import { describe, expect, test } from 'vitest';
import { answerWith } from '../../src/drills/answers.ts';
import type { AnswerFault } from '../../src/drills/tape.ts';
import { defaultOptions } from '../../src/drivers/sim/drbd/options.ts';
import { drbdCommands } from '../../src/model/drbd-command.ts';
import { resources } from '../../src/model/kube.ts';
import type { Outcome } from '../../src/model/request.ts';
import { onSatellite, satellitesOf } from '../../src/model/satellite.ts';
import { drillFaultKinds } from '../../src/twin/faults/drill-kinds.ts';
import { FaultBoard } from '../../src/twin/faults/fault-board.ts';
import type { FaultOrder } from '../../src/twin/faults/fault.ts';
import { buildTwin, type Twin } from '../../src/twin/twin.ts';

const node = 'n1';

/** A twin with a resource `vol`, and a host at the operator's desk that promotes it on n1 as soon as it wakes. */
function twinWithCommand(): { readonly twin: Twin; readonly heard: Outcome[]; send(): void } {
  const twin = buildTwin({
    seed: 1,
    epoch: Date.UTC(2026, 0, 1),
    speed: 1,
    kubernetesVersion: 'v1.30.6',
    sites: [
      { name: 'cluster1', role: 'primary', nodes: [node] },
      { name: 'cluster2', role: 'dr', nodes: ['n2'] },
    ],
    linstorUrl: 'http://127.0.0.1:3370',
    definitions: [],
    withDeployments: false,
    heartbeats: false,
    history: false,
  });
  const { kernel, hosts, world } = twin;
  kernel.createResource('vol', {
    sizeKib: 65_484,
    replicas: { n1: 'diskful', n2: 'diskful' },
    options: defaultOptions,
  });
  const [satellite] = satellitesOf('cluster1', world.cluster('cluster1').api.list(resources.pod));
  const request = onSatellite(satellite!, drbdCommands.forcePrimary('vol').program);
  const heard: Outcome[] = [];
  const host = {
    id: 'pgctl/test',
    end: undefined,
    record: { machine: 'one-request', version: 1, state: 'waiting', context: {} },
    wake: () => hosts.transportAt('operator').send('pgctl/test', [request]),
    receive: (outcomes: readonly Outcome[]) => void heard.push(...outcomes),
  };
  return { twin, heard, send: () => hosts.start(host, 'operator') };
}

const roleOf = ({ kernel }: Twin): string | undefined => kernel.replica('vol', node)?.role;

describe('a command that a host sends into a pod', () => {
  test('is carried out, and its exit code is heard', () => {
    const { twin, heard, send } = twinWithCommand();
    send();
    twin.world.runUntil(100);
    expect(heard).toEqual([{ kind: 'applied', status: 200, body: { exitCode: 0, stdout: '', stderr: '' } }]);
    expect(roleOf(twin)).toBe('Primary');
  });

  test('is unknown after ten seconds where nothing is heard of it', () => {
    const { twin, heard, send } = twinWithCommand();
    new FaultBoard(twin, drillFaultKinds).inject({ kind: 'satellite-lost', node }, twin.world.wall());
    send();
    twin.world.runUntil(9_900);
    expect(heard).toEqual([]);
    twin.world.runUntil(10_100);
    expect(heard).toMatchObject([{ kind: 'unknown', reason: 'timeout' }]);
    expect(roleOf(twin)).toBe('Secondary');
  });

  test.each<[AnswerFault, string, Partial<Outcome>]>([
    ['lost', 'Secondary', { kind: 'unknown', reason: 'timeout' }],
    ['appliedAndLost', 'Primary', { kind: 'unknown', reason: 'timeout' }],
    ['appliedAndReset', 'Primary', { kind: 'unknown', reason: 'reset' }],
    ['forbidden', 'Secondary', { kind: 'refused', status: 403 }],
    ['unavailable', 'Secondary', { kind: 'unknown', reason: 'server-error' }],
  ])('whose answer is %s leaves the node %s', (fault, role, outcome) => {
    const { twin, heard, send } = twinWithCommand();
    twin.hosts.intercept((_host, request, perform) => answerWith(fault, request, perform, () => undefined));
    send();
    twin.world.runUntil(11_000);
    expect(heard).toMatchObject([outcome]);
    expect(roleOf(twin)).toBe(role);
  });

  test.each<[FaultOrder, Partial<Outcome>]>([
    [
      { kind: 'one-way-cut', site: 'operator', peer: 'cluster1' },
      { kind: 'unknown', reason: 'timeout' },
    ],
    [
      { kind: 'api-refuses', site: 'cluster1', how: 'forbidden' },
      { kind: 'refused', status: 403 },
    ],
    [
      { kind: 'api-clogged', site: 'cluster1' },
      { kind: 'unknown', reason: 'timeout' },
    ],
  ])('meets what is wrong on the way to its site: %j', (order, outcome) => {
    const { twin, heard, send } = twinWithCommand();
    new FaultBoard(twin, drillFaultKinds).inject(order, twin.world.wall());
    send();
    twin.world.runUntil(11_000);
    expect(heard).toMatchObject([outcome]);
    expect(roleOf(twin)).toBe('Secondary');
  });
});
