import { expect } from 'vitest';
import { unionOf, differenceOf } from '../../../src/drivers/sim/drbd/write-set.ts';
import type { Millis } from '../../../src/model/instant.ts';
import { drbdReading, drbdReportRequest } from '../../../src/model/drbd-report.ts';
import { execOutcome } from '../../../src/model/exec-result.ts';
import {
  type Copy,
  diskfulCopies,
  generationTowards,
  type VolumeCopies,
  volumeCopies,
} from '../../../src/model/recovery/copies.ts';
import { type ReunionOrder, reunionOf } from '../../../src/model/recovery/reunion.ts';
import { ShellLab } from '../../drivers/sim/satellite-shell/shell-lab.ts';

/** How long a node that was told to discard its data may go on trying. */
const patience: Millis = 30_000;

/** A volume whose copies are brought together by the orders of the model, given to the tools of its satellites. */
export class ReunionLab extends ShellLab {
  readonly given: string[] = [];
  readonly nodes: readonly string[];

  constructor(nodes: readonly string[] = ['a', 'b'], options: ConstructorParameters<typeof ShellLab>[1] = {}) {
    super(nodes, { 'verify-alg': 'crc32c', ...options } as never);
    this.nodes = nodes;
  }

  /** What the satellites tell now. */
  look(silent: readonly string[] = []): VolumeCopies {
    const asked = this.nodes.filter((node) => !silent.includes(node));
    const told = asked.map((node) => {
      const satellite = { site: `site-${node}`, node, namespace: 'storage', pod: `satellite-${node}` };
      const result = this.run(node, ...drbdReportRequest(satellite, ['vol']).command);
      return { satellite, report: drbdReading(node, execOutcome(result)) };
    });
    return volumeCopies('vol', told);
  }

  /** Gives every order that the model asks for, until it asks for nothing; at most two minutes. What is left is told. */
  reunite(survivor: string): readonly string[] {
    const before = this.look();
    const givenUp = new Map(
      diskfulCopies(before).map((copy) => [copy.satellite.node, this.#generation(before, copy, survivor)]),
    );
    const told = new Map<string, Millis>();
    let blockers: readonly string[] = [];
    for (const end = this.clock.now + 120_000; this.clock.now < end; this.clock.pass(500)) {
      const volume = this.look();
      const next = reunionOf(volume, {
        survivor,
        isGivenUp: (copy) => givenUp.get(copy.satellite.node) === this.#generation(volume, copy, survivor),
        isTold: (_, node) => this.clock.now - (told.get(node) ?? -patience) < patience,
      });
      if (next.orders.length === 0 && next.blockers.length === 0) return [];
      blockers = [...next.blockers, ...next.orders.map(({ node, kind }) => `${node} ${kind}`)];
      for (const order of next.orders) {
        if (order.kind === 'discard' || order.node === 'tb') told.set(order.node, this.clock.now);
        this.#give(order);
      }
    }
    return blockers;
  }

  /** Blocks that two disks do not share. */
  differing(a: string, b: string): number {
    const [one, other] = [this.on(a).data, this.on(b).data];
    return unionOf(differenceOf(one, other), differenceOf(other, one)).length;
  }

  #give({ kind, node, peer, request }: ReunionOrder): void {
    if (request.api !== 'exec') throw new Error('a lab of satellites has no operator');
    const { exitCode, stderr } = this.run(node, ...request.command);
    this.given.push(
      [node, kind, ...(peer === undefined ? [] : [peer])].join(' ') + (exitCode === 0 ? '' : ` ${stderr}`),
    );
  }

  #generation(volume: VolumeCopies, copy: Copy, survivor: string): string | undefined {
    const other = volume.copies.find(({ satellite }) => satellite.node === survivor);
    return other && generationTowards(copy, other);
  }
}

/** Every copy is connected, current and the same. */
export function expectWhole(lab: ReunionLab): void {
  for (const node of lab.nodes) {
    for (const peer of lab.nodes) {
      if (node !== peer) expect(lab.link(node, peer), `${node} towards ${peer}`).toMatch(/^Connected/);
    }
  }
  const disks = lab.nodes.filter((node) => node !== 'tb');
  expect(disks.map((node) => lab.on(node).disk)).toEqual(disks.map(() => 'UpToDate'));
  expect(disks.map((node) => lab.differing(disks[0]!, node))).toEqual(disks.map(() => 0));
}
