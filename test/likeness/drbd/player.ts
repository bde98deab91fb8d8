import type { Millis } from '../../../src/model/instant.ts';
import { noGeneration, withoutPrimaryBit, withPrimaryBit } from '../../../src/drivers/sim/drbd/generation.ts';
import type { DrbdEventPayload } from '../../../src/drivers/sim/drbd/host.ts';
import type { DrbdRace } from '../../../src/drivers/sim/drbd/races.ts';
import { DrbdKernel } from '../../../src/drivers/sim/drbd/kernel.ts';
import { type DrbdOptions, optionsFromText } from '../../../src/drivers/sim/drbd/options.ts';
import type { ExecResult } from '../../../src/model/exec-result.ts';
import { commandOf, resource } from './commands.ts';
import { fileSystemAct, writeMounted } from './file-systems.ts';
import { Clock } from '../../drivers/sim/drbd/drbd-lab.ts';
import type { Miss, Player } from '../played.ts';
import { isObject } from '../difference.ts';
import { RecordedStates } from './recorded-states.ts';
import {
  nextHandshake,
  nextSaid,
  saidOf,
  type RecordedSnapshot,
  type RecordedStep,
  type Recording,
} from './recording.ts';

const snapshotTime: Millis = 200;
/** ext4's commit interval. */
const journalCommit: Millis = 5000;
const firstGeneration = 'Bitmap UUID for initial resync';

/** Scenarios of the kernel module: every command's answer, and every state at a moment of rest. */
export const drbdPlayer: Player = {
  files: /^drbd\/(.+\/)?[^/]+\.json$/,
  play: (recording) => {
    if (
      !isObject(recording) ||
      ['nodes', 'options', 'steps', 'events', 'snapshots'].some((field) => !(field in recording))
    ) {
      throw new Error('it lacks nodes, options, steps, events or snapshots');
    }
    const scenario = recording as unknown as Recording;
    const misses = new RecordingPlayer(scenario).play();
    return { total: scenario.steps.length + scenario.snapshots.filter(isCompared).length, misses };
  },
};

/**
 * Plays a recording's commands, cuts and power switches against the model, and compares its answers and states. How long a
 * thing took in the recording is taken over (noticing a cut, connecting, a resync), what came of it is not.
 */
export class RecordingPlayer {
  readonly kernel: DrbdKernel;
  readonly misses: Miss[] = [];
  readonly #recording: Recording;
  readonly #clock = new Clock();
  readonly #states = new RecordedStates();
  /** Nodes whose first generation has been made. */
  readonly #firstBits = new Set<string>();
  #openers = 0;
  /** The first command that the model does not know, from when it was given: what follows may come of it. */
  #unknown = '';

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#clock.handlers.set('drbd', (event) => this.kernel.handle(event));
    this.#clock.handlers.set('play', (event) => (event.payload as () => void)());
    const clock = this.#clock;
    const scheduler = {
      get now() {
        return clock.now;
      },
      schedule: (delay: Millis, kind: string, key: string, payload?: unknown) =>
        clock.queue.schedule(this.#recordedTime(delay, kind, payload as DrbdEventPayload), kind, key, payload),
      cancel: (id: number) => clock.cancel(id),
    };
    this.kernel = new DrbdKernel(scheduler, this.#clock.random.stream('drbd'), (race, node, peer) =>
      this.#recordedRace(race, node, peer),
    );
    const replicas = Object.fromEntries(
      recording.nodes.map(({ name, disk }) => [name, disk ? 'diskful' : 'diskless'] as const),
    );
    const { resource: ofResource, net, disk } = recording.options;
    const options: DrbdOptions = {
      ...optionsFromText({ ...ofResource, ...net, ...disk }),
      'c-max-rate': kibOf(disk['resync-rate'] ?? '1500k'),
    };
    const isFresh = recording.steps.some(({ command }) => command.includes('create-md'));
    this.kernel.createResource(resource, { sizeKib: 65_484, replicas, options, isFresh });
  }

  play(): readonly Miss[] {
    for (const step of this.#recording.steps) this.#planStep(step);
    for (const snapshot of this.#recording.snapshots) {
      if (isCompared(snapshot)) this.#at(snapshot.t_ms, () => this.#compareSoon(snapshot));
    }
    this.#clock.pass(1_000_000);
    return this.misses;
  }

  #at(time: Millis, run: () => void): void {
    this.#clock.queue.schedule(Math.max(time, this.#clock.now), 'play.step', '', run);
  }

  #recordedTime(delay: Millis, kind: string, payload: DrbdEventPayload): Millis {
    const { now } = this.#clock;
    const said = (node: string, peer: string, what: RegExp, from = now) =>
      nextSaid(this.#recording, node, peer, what, from);
    const { a, b } = payload;
    const times: (Millis | undefined)[] = [];
    if (kind === 'drbd.lost') times.push(said(a, b, /connection:(NetworkFailure|BrokenPipe|Timeout)/));
    if (kind === 'drbd.connect') {
      for (const [node, peer] of [
        [a, b],
        [b, a],
      ] as const) {
        const earliest = now + Math.min(delay / 2, 500);
        times.push(said(node, peer, /connection:(Connected|StandAlone|Disconnecting)/, earliest));
        times.push(nextHandshake(this.#recording, node, peer, earliest));
      }
    }
    if (kind === 'drbd.demote')
      return saidOf(this.#recording, a, /^change resource .*role:Secondary/, now - 200) ?? 1e9;
    if (kind === 'drbd.verify-end') return said(a, b, /replication:Established/) ?? 1e9;
    if (kind === 'drbd.disk-failed') return now;
    if (kind === 'drbd.sync-start') times.push(said(b, a, /replication:(SyncTarget|PausedSyncT)/));
    if (kind === 'drbd.sync-end') {
      const begun = said(b, a, /replication:SyncTarget/, now - 3000);
      return Math.max(now, (said(b, a, /replication:Established/, begun ?? now) ?? 1e9) - 1);
    }
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? now + delay : Math.max(now, Math.min(...known) - 1);
  }

  /** Who won a race is taken over as times are. */
  #recordedRace(race: DrbdRace, node: string, peer: string): boolean {
    const { now } = this.#clock;
    const isSaid = (at: string, of: string, what: RegExp): boolean =>
      (nextSaid(this.#recording, at, of, what, now - 1500) ?? 1e9) - now < 5000;
    if (race === 'verdictUnheard') return !isSaid(node, peer, /connection:(StandAlone|Disconnecting)/);
    return isSaid(node, peer, /connection:StandAlone/) && isSaid(peer, node, /connection:NetworkFailure/);
  }

  #planStep(step: RecordedStep): void {
    const { t_ms, command, took_ms = this.#ranFor(step) } = step;
    const words = command.split(' ');
    if (/^(cut|heal) /.test(command)) {
      for (const link of command.match(/[\w-]+?--[\w-]+/g) ?? []) {
        const [a = '', b = ''] = link.split('--');
        this.#at(t_ms, () => this.kernel.setLink(a, b, words[0] === 'heal'));
      }
    } else if (command.startsWith('power')) {
      const target = words[2] ?? '';
      this.#at(t_ms, () =>
        words[1] === 'on' ? this.kernel.bootNode(target, { bringUp: false }) : this.kernel.crashNode(target),
      );
    } else if (/^dt (open|write|read) /.test(command) && command.includes('/dev/drbd')) {
      this.#planProgram(step, took_ms);
    } else {
      this.#planCommands(step, took_ms);
    }
  }

  /** A command line of the shell, part by part over the time that it took; the last part's answer counts. */
  #planCommands(step: RecordedStep, took: Millis): void {
    const { t_ms, node, command } = step;
    if (command.startsWith('checksum of')) this.#at(t_ms, () => this.#compareContent(step));
    const parts = command.split('; ').filter((part) => !isLookedAtOnly(part));
    if (parts.length === 0 || node === 'operator') return;
    const acts = parts.flatMap((part): (() => boolean)[] => {
      const run = commandOf(this.kernel, node, part, () => this.#clock.now);
      if (run !== undefined) return [() => this.#answer(step, run()) && this.#takeOverBit(node)];
      const act = fileSystemAct(this.kernel, node, part);
      return act === undefined ? [] : [() => this.#exit(step, part, act())];
    });
    if (acts.length === 0) this.#at(t_ms, () => this.#missUnknown(step));
    // A booted node is recorded a millisecond after the command that was waiting for it.
    const first = t_ms + (command.includes(' up ') ? 5 : 0);
    acts.forEach((act, index) => this.#at(first + (index * took) / acts.length, () => this.#repeat(act, first)));
  }

  /** Bit 0 of the generation that fresh disks begin with is chance: it decides where that generation is remembered. */
  #takeOverBit(node: string): boolean {
    const { metadata, peers } = this.kernel.replica(resource, node)!;
    const first = metadata.spareSlots;
    const line = this.#recording.kernel?.find(
      (each) => each.node === node && each.line.includes(firstGeneration),
    )?.line;
    if (first === noGeneration || line === undefined || this.#firstBits.has(node)) return true;
    this.#firstBits.add(node);
    const wanted = Number.parseInt(line.slice(-1), 16) % 2 === 1 ? withPrimaryBit(first) : withoutPrimaryBit(first);
    metadata.spareSlots = wanted;
    for (const peer of peers.values()) if (peer.bitmapGeneration === first) peer.bitmapGeneration = wanted;
    return true;
  }

  /** Whether all disks hold the same, as checksums of the disks below DRBD told. */
  #compareContent(step: RecordedStep): void {
    const disks = this.#recording.nodes
      .filter(({ disk }) => disk)
      .map(({ name }) => this.kernel.replica(resource, name)!.data.join());
    const wanted = step.stdout.includes('DIFFERENT') ? 'different' : 'equal';
    const got = new Set(disks).size > 1 ? 'different' : 'equal';
    if (wanted !== got) this.#miss(step, wanted, got);
  }

  /** Runs an act, again and again while it waits for a promotion. */
  #repeat(act: () => boolean, since: Millis): void {
    const isDone = act();
    if (!isDone && this.#clock.now - since < 5000) this.#at(this.#clock.now + 50, () => this.#repeat(act, since));
  }

  /** A program that ran on until it was killed: at the latest when its node said that nobody holds the device. */
  #ranFor({ t_ms, node, exit }: RecordedStep): Millis {
    if (exit !== 'still running') return 0;
    const said = saidOf(this.#recording, node, /^change device .*open:no/, t_ms + 100) ?? 1e7;
    let seen = t_ms;
    for (const { t_ms: at, node: on, status } of this.#recording.snapshots) {
      if (on !== node || at < t_ms + 100 || at > said) continue;
      if (status?.[0]?.devices[0]?.open !== true) return seen + 50 - t_ms;
      seen = at;
    }
    return said - t_ms;
  }

  /** The test program `dt`: opens the device, writes or reads, holds it and closes. */
  #planProgram(step: RecordedStep, took: Millis): void {
    const { t_ms, node } = step;
    const [, verb, first = '', ...rest] = step.command.split(' ');
    const opener = `dt${++this.#openers}`;
    const mode = verb === 'write' || first === 'rw' ? 'rw' : 'ro';
    const wanted = / r[wo]: ok/.test(step.stdout) ? 'open' : (/errno \d+ (\w+)/.exec(step.stdout)?.[1] ?? 'open');
    const tryToOpen = (since: Millis): void => {
      const result = this.kernel.open(resource, node, opener, mode);
      if (result.kind === 'pending' && this.#clock.now - since < 2100) {
        this.#at(this.#clock.now + 50, () => tryToOpen(since));
        return;
      }
      const got = result.kind === 'refused' ? result.errno : result.kind;
      if (got !== wanted) this.#miss(step, wanted, got);
      if (verb === 'read' && got === 'open') {
        this.#repeat(() => this.kernel.read(resource, node, opener) !== 'pending', this.#clock.now);
      }
    };
    this.#at(t_ms, () => tryToOpen(t_ms));
    if (verb === 'write') {
      const [, , count = '0', interval = '0', blocks = '1'] = rest;
      const every = Number(interval);
      const times = every === 0 ? Number(count) : Math.min(Number(count), Math.floor(took / every), 500);
      for (let index = 0; index < times; index++) {
        this.#at(t_ms + 30 + (every === 0 ? Math.min(index, 5) : index * every), () => {
          for (let block = 0; block < Number(blocks); block++) {
            const waits = this.kernel.replica(resource, node)!.inFlight.some((write) => write.opener === opener);
            if (waits || this.kernel.write(resource, node, opener).kind === 'error') break;
          }
        });
      }
    }
    // A program that died with its node closes nothing.
    if (step.exit !== -999) this.#at(t_ms + Math.max(took - 20, 36), () => this.kernel.close(resource, node, opener));
  }

  #exit(step: RecordedStep, part: string, got: 0 | 32 | undefined): boolean {
    if (got === 0 && part.includes('mount -t')) this.#writeWhileMounted(step.node);
    if (got !== undefined && got !== step.exit) this.#miss(step, `exit ${step.exit}`, `exit ${got}`);
    return got !== undefined;
  }

  /** A file system that is mounted for writing writes now and then, whoever uses it. */
  #writeWhileMounted(node: string): void {
    this.#at(this.#clock.now + journalCommit, () => {
      if (!writeMounted(this.kernel, node)) return;
      this.#writeWhileMounted(node);
    });
  }

  #answer(step: RecordedStep, { exitCode, stdout, stderr }: ExecResult): boolean {
    const isShown = step.command.startsWith('drbdsetup status');
    const wanted = `${step.exit} ${comparable(step.stderr)}${isShown ? comparable(step.stdout) : ''}`;
    const got = `${exitCode} ${comparable(stderr)}${isShown ? comparable(stdout) : ''}`;
    if (wanted !== got) this.#miss(step, wanted, got);
    return true;
  }

  #missUnknown(step: RecordedStep): void {
    if (this.#unknown === '') this.#unknown = `command ${wordOf(step.command)}`;
    this.#miss(step, `exit ${step.exit}`, 'does not know the command');
  }

  #miss(step: RecordedStep, recorded: string, world: string): void {
    const rule = this.#unknown === '' ? `answer ${wordOf(step.command)}` : `after ${this.#unknown}`;
    this.misses.push({ step: `${seconds(step.t_ms)} ${step.node}: ${step.command}`, rule, recorded, world });
  }

  /** A snapshot carries the time of its command; the answer is a moment later. */
  #compareSoon(snapshot: RecordedSnapshot): void {
    if (this.#difference(snapshot) === undefined) return;
    this.#at(this.#clock.now + snapshotTime, () => {
      const miss = this.#difference(snapshot);
      if (miss !== undefined) this.misses.push(miss);
    });
  }

  #difference(snapshot: RecordedSnapshot): Miss | undefined {
    const { recorded, world } = this.#states.compare(this.kernel, snapshot);
    if (recorded.length === 0) return undefined;
    const only = (what: RegExp): boolean => recorded.every((each) => what.test(each));
    const kind = only(/ generation /) ? 'generations' : only(/^(may_promote|promotion_score) /) ? 'score' : 'state';
    const rule = this.#unknown === '' ? kind : `after ${this.#unknown}`;
    const step = `${seconds(snapshot.t_ms)} ${snapshot.node}: "${snapshot.label}"`;
    return { step, rule, recorded: recorded.join('; '), world: world.join('; ') };
  }
}

function isCompared(snapshot: RecordedSnapshot): boolean {
  return snapshot.status !== null;
}

/** Commands that look, wait, set a speed, end a program whose end shows otherwise, or prepare a disk. */
function isLookedAtOnly(command: string): boolean {
  return [
    /^(drbdadm (create-md|dump-md|apply-al)|drbdsetup (show-gi|peer-device-options)|drbdmeta) /,
    /^(checksum of|wait:|kernel lines|after |kill )/,
    /^(dt read|dd if=|blockdev .*|cat|\S*mount .*|\S*dmsetup .*) ?\/dev\/vd/,
    /^(cat|ls) \/mnt/,
    /^(\S*dmsetup|mount \|) /,
  ].some((pattern) => pattern.test(command));
}

/**
 * What a program says, without who holds a device since when, the name of the disk, writes on their way, and what drbdmeta says
 * of a disk before it is attached.
 */
function comparable(text: string): string {
  const ofDrbdmeta = /^Marked additional|^Found meta data|drbdmeta|initializing bitmap/;
  // How long the name of the disk is decides where its line is wrapped.
  const named = text.replace(/backing_dev:\/\S+((?: |\n {6})\S+)*/, (words) =>
    words.replace(/^\S+/, 'backing_dev:/').replaceAll(/\s+/g, ' '),
  );
  const lines = named.split('\n').filter((line) => !ofDrbdmeta.test(line));
  const masked = lines.map((line) =>
    line.replace(/ opened by .*/, ' opened by').replace(/ap-in-flight:\d+/, 'ap-in-flight:'),
  );
  return masked.join('\n').trim();
}

/** `detach` of `drbdsetup detach 1000`; for other programs their name. */
function wordOf(command: string): string {
  const [program = '', verb = ''] = command.split(' ');
  return /^(drbd|dt)/.test(program) ? verb : (program.split('/').at(-1) ?? '');
}

/** `2M`, `500k` of an option in KiB. */
function kibOf(size: string): number {
  return Number.parseInt(size, 10) * (size.endsWith('M') ? 1024 : 1);
}

function seconds(time: Millis): string {
  return `${(time / 1000).toFixed(1)} s`;
}
