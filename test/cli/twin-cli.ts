import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { minute, second } from '../../src/model/instant.ts';
import { operatorReplicatedClass } from '../../src/drivers/sim/drbd-operator/operator-objects.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { defaultStorageBackend, type StorageBackend } from '../../src/model/storage-backend.ts';
import type { Clock, Driver } from '../../src/runtime/ports.ts';
import { applyObjects, demoShape, demoVirtualMachine } from '../../src/twin/demo-objects.ts';
import { buildTwin, type Twin } from '../../src/twin/twin.ts';
import { operatorDefinitions } from '../twin/protected-group.ts';
import { type CliRun, type CliSettings, runCli, withFolder } from './run-cli.ts';

const definitions = parseAllDocuments(
  readFileSync(new URL('../../crds/protection-group-crd.yaml', import.meta.url), 'utf8'),
).map((document) => document.toJS() as JsonObject);

/** A simulated world with two protected-to-be VMs on cluster1, and pgctl configured for it. */
export interface TwinCli {
  readonly twin: Twin;
  run(words: string, settings?: Partial<CliSettings>): Promise<CliRun>;
  /** Sets DEPLOYMENT_MODEL in pgctl's configuration. */
  tellModel(model: StorageBackend): Promise<void>;
  /** Lets this much virtual time pass. */
  pass(seconds: number): void;
}

export interface TwinCliSettings {
  /** False: pgctl is not told of the quorum cluster. */
  readonly quorum?: boolean;
  /** What keeps the volumes; pgctl is told so. */
  readonly storage?: StorageBackend;
}

/** Runs with a fresh world, in which prod-vm-1 and prod-vm-2 run on cluster1. Time is virtual: waiting takes none. */
export function withTwin<Result>(
  use: (cli: TwinCli) => Promise<Result>,
  { quorum = true, storage = defaultStorageBackend }: TwinCliSettings = {},
): Promise<Result> {
  return withFolder(async (folder) => {
    const third = quorum ? 'QUORUM_CLUSTER=cluster3\n' : '';
    const clusters = `PRIMARY_CLUSTER=cluster1\nDR_CLUSTER=cluster2\n${third}`;
    const tellModel = (model: StorageBackend): Promise<void> =>
      writeFile(join(folder, 'config'), `${clusters}DEPLOYMENT_MODEL=${model}\n`);
    await tellModel(storage);
    const operator = storage === 'drbd-operator';
    const twin = buildTwin({
      seed: 1,
      epoch: Date.UTC(2026, 0, 1),
      speed: 1,
      kubernetesVersion: 'v1.30.6',
      definitions,
      withDeployments: false,
      heartbeats: false,
      history: false,
      ...(operator ? { drbdOperator: { definitions: operatorDefinitions } } : {}),
      sites: [
        { name: 'cluster1', role: 'primary', nodes: ['c1-node-1', 'c1-node-2'] },
        { name: 'cluster2', role: 'dr', nodes: ['c2-node-1', 'c2-node-2'] },
        { name: 'cluster3', role: 'quorum', nodes: ['c3-node-1'] },
      ],
    });
    for (const name of ['prod-vm-1', 'prod-vm-2']) {
      const shape = operator ? { ...demoShape, storageClass: operatorReplicatedClass } : demoShape;
      applyObjects(twin.world.cluster('cluster1').api, demoVirtualMachine(name, 'default', shape));
    }
    twin.world.runUntil(2 * minute);
    const { driver, clock } = virtualPorts(twin);
    return use({
      twin,
      tellModel,
      run: (words, settings) => runCli(words.split(' '), { folder, driver, clock, ...settings }),
      pass: (seconds) => twin.world.runUntil(twin.world.now + seconds * second),
    });
  });
}

/** A signal that aborts, as Ctrl-C does, after this much virtual time. */
export function interruptAfter({ world }: Twin, seconds: number): AbortSignal {
  const interruption = new AbortController();
  world.route('interruption', () => interruption.abort());
  world.schedule(seconds * 1000, 'interruption.now', 'ctrl-c');
  return interruption.signal;
}

/** A driver and a clock over a world whose time moves only while somebody waits. */
function virtualPorts({ world }: Twin): { readonly driver: Driver; readonly clock: Clock } {
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const pump = (): void => {
    const next = [...sleepers].sort((a, b) => a.at - b.at)[0];
    if (next === undefined) return;
    world.runUntil(Math.max(world.now, world.worldTimeOf(next.at)));
    next.wake();
  };
  const sleepUntil: Clock['sleepUntil'] = (at, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const sleeper = {
        at,
        wake: () => {
          sleepers.delete(sleeper);
          resolve();
        },
      };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
      // Everybody who can go on without waiting does so first.
      setImmediate(pump);
    });
  return {
    clock: { now: () => world.wall(), sleepUntil },
    driver: {
      perform: async (request) => {
        const outcome = world.perform(request, 'operator');
        if (outcome.kind !== 'hang') return outcome;
        await sleepUntil(world.wall() + 5 * second);
        return { kind: 'unknown', reason: 'timeout', message: 'no answer within 5 s' };
      },
      close: async () => undefined,
    },
  };
}
