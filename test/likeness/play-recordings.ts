import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { kubevirtDefinitions } from '../../src/drivers/sim/kubevirt-admission/kubevirt-definitions.ts';
import type { Json, JsonObject } from '../../src/model/json.ts';
import { csiPlayer } from './csi/player.ts';
import { drbdPlayer } from './drbd/player.ts';
import { admissionPlayer } from './kubevirt/admission-player.ts';
import { tracePlayer } from './kubevirt/trace-player.ts';
import { linstorPlayer } from './linstor/player.ts';
import { isListed, type ListedDifference } from './listed-differences.ts';
import type { Miss, Played, Player } from './played.ts';
import { readJson } from './recorded-json.ts';

/** How far the world explains one recording. */
export interface FileReport {
  /** Path below the folder of recordings. */
  readonly file: string;
  readonly explained: number;
  readonly total: number;
  /** The first difference that is not listed; where all are, the first one. */
  readonly firstMiss: Miss | null;
  /** Whether docs/fidelity.md names every difference of the file; false where there is none. */
  readonly listed: boolean;
  readonly misses: readonly Miss[];
}

export const players: readonly Player[] = [drbdPlayer, linstorPlayer, csiPlayer, tracePlayer, admissionPlayer];

/** Plays every recording below a folder, in the order of their paths. A file that is no recording is a miss, never an error. */
export function playRecordings(
  root: string,
  listed: readonly ListedDifference[],
  definitions: () => readonly JsonObject[] = kubevirtDefinitions,
): readonly FileReport[] {
  const files = recordingsIn(root);
  const texts = new Map<string, Json>();
  const read = (file: string): Json => {
    let found = texts.get(file);
    if (found === undefined) {
      found = readRecording(join(root, file));
      texts.set(file, found);
    }
    return found;
  };
  return files.map(({ path, name, player }) => {
    const siblings = (): readonly Json[] => {
      const near = files.filter((other) => other.player === player && dirname(other.path) === dirname(path));
      return near.flatMap((other) => {
        try {
          return [read(other.path)];
        } catch {
          return [];
        }
      });
    };
    return report(
      name,
      played(path, () => player.play(read(path), { siblings, definitions })),
      listed,
    );
  });
}

export function readRecording(path: string): Json {
  const bytes = readFileSync(path);
  return readJson((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as Json;
}

/** Recordings below a folder: path, and the name without `.gz` that reports show. */
export function recordingsIn(root: string): readonly { path: string; name: string; player: Player }[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => path.split(sep).join('/'))
    .sort()
    .flatMap((path) => {
      const name = path.replace(/\.gz$/, '');
      const player = players.find(({ files }) => files.test(name));
      return player === undefined ? [] : [{ path, name, player }];
    });
}

function played(file: string, play: () => Played): Played {
  try {
    return play();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = 'look at the file: it is no recording in the form that the README of test/recordings describes';
    const world = `cannot play ${relative('.', file)}: ${reason}; ${remedy}`;
    return { total: 1, misses: [{ step: 'the file', rule: 'readable', recorded: 'a recording', world }] };
  }
}

function report(file: string, { total, misses }: Played, known: readonly ListedDifference[]): FileReport {
  const unlisted = misses.find((miss) => !isListed(file, miss, known));
  const listed = misses.length > 0 && unlisted === undefined;
  const firstMiss = unlisted ?? misses[0] ?? null;
  return { file, explained: total - misses.length, total, firstMiss, listed, misses };
}
