import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../../model/json.ts';
import type { StorageBackend } from '../../model/storage-backend.ts';
import { openLab } from '../lab.ts';
import { openControl } from './control-server.ts';
import { type LabFile, kubeconfigPath, writeLab } from './lab-folder.ts';

/** What the background process is told when it is started. */
export interface LabProcessOrder {
  readonly folder: string;
  readonly clusters: 2 | 3;
  /** LINSTOR has a satellite on the quorum cluster, which holds a tiebreaker of each volume. */
  readonly tiebreaker: boolean;
  readonly speed: number;
  readonly seed: number;
  readonly withControllers: boolean;
  /** What keeps the volumes. */
  readonly storage: StorageBackend;
  /** Folder with the CustomResourceDefinitions of the product and of DRBD Operator. */
  readonly definitionsFolder: string;
  readonly madeFolder: boolean;
}

/** What the process needs of the world around it. */
export interface ProcessSurroundings {
  readonly pid: number;
  log(line: string): void;
  /** Calls back when the process is asked to end by a signal. */
  onSignal(stop: () => void): void;
}

/** Runs a lab until it is told to stop. Resolves when its last endpoint is closed. */
export async function runLabProcess(order: LabProcessOrder, surroundings: ProcessSurroundings): Promise<void> {
  const { folder, clusters, tiebreaker, speed, seed, storage, withControllers } = order;
  const log = (line: string): void => surroundings.log(`${new Date().toISOString()} ${line}`);
  const definitions = definitionsIn(order, 'protection-group-crd.yaml');
  const drbdOperator =
    storage === 'drbd-operator' ? { definitions: definitionsIn(order, 'drbd-operator-crds.yaml') } : undefined;
  const onFault = (cause: unknown): void =>
    log(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
  const lab = await openLab({
    clusters,
    tiebreaker,
    speed,
    seed,
    definitions,
    drbdOperator,
    withControllers,
    onFault,
  });
  const id = randomUUID();
  const token = randomBytes(24).toString('base64url');
  const stopped = Promise.withResolvers<void>();
  const control = await openControl(lab, { id, token, log, onStop: stopped.resolve });
  surroundings.onSignal(stopped.resolve);
  const file: LabFile = {
    kind: 'site-recovery-lab',
    id,
    pid: surroundings.pid,
    startedAt: lab.startedAt,
    speed,
    clusters: lab.clusters.map(({ name, role, server, tokens }) => ({
      name,
      role,
      server,
      kubeconfig: kubeconfigPath(folder, name),
      tokens,
    })),
    storage,
    ...(lab.linstorUrl === undefined ? {} : { linstorUrl: lab.linstorUrl }),
    control: { url: control.url, token },
    madeFolder: order.madeFolder,
  };
  const kubeconfigs = lab.clusters.map(({ name, kubeconfig }) => [kubeconfigPath(folder, name), kubeconfig] as const);
  writeLab(folder, file, new Map(kubeconfigs));
  log(`The lab is ready: ${lab.clusters.map(({ name, server }) => `${name} ${server}`).join(', ')}`);
  await stopped.promise;
  log('The lab stops');
  control.close();
  await lab.close();
}

function definitionsIn({ definitionsFolder }: LabProcessOrder, file: string): readonly JsonObject[] {
  const text = readFileSync(join(definitionsFolder, file), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as JsonObject);
}
