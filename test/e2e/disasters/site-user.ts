import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { LabUser, type Result } from '../lab/lab-user.ts';

/** Where `pgctl lab up --tiebreaker` has LINSTOR place it. */
export const thirdSite = 'cluster3';

/** How the volumes of a lab are kept, as an administrator of LINSTOR has it. */
export interface Layout {
  readonly quorum?: 'off' | 'majority';
  readonly onNoQuorum?: 'io-error' | 'suspend-io';
  /** A node of a site with VMs that holds a tiebreaker of each volume, or the third site. */
  readonly tiebreaker?: string;
}

/** A person whose lab has one group, `pg`, of both VMs, which runs on cluster1. */
export class SiteUser extends LabUser {
  /** Brings the lab up with its volumes kept in this way, and waits until the group is ready. */
  async begin(layout: Layout): Promise<void> {
    await this.labUp(...(layout.tiebreaker === thirdSite ? ['--tiebreaker'] : []));
    await this.configure();
    await this.#arrange(layout);
    const created = await this.type('pgctl create protectiongroup pg --vm prod-vm-1 --vm prod-vm-2');
    expect(created.code, created.stderr).toBe(0);
    await this.untilCondition('Ready', 'True');
  }

  /** Waits until both clusters, or one, show a condition of the group so. */
  async untilCondition(
    type: string,
    status: string,
    clusters: readonly string[] = ['cluster1', 'cluster2'],
  ): Promise<void> {
    const path = `.status.conditions[?(@.type=="${type}")].status`;
    for (const cluster of clusters) await this.waitFor(cluster, ['protectiongroup', 'pg'], path, status, 120);
  }

  /**
   * Takes the group over without its source, typing its name as often as it is asked for; tried again while the source still counts
   * as alive, for DRBD and LINSTOR notice a loss later than the API does.
   */
  async takeOver(target = 'cluster2'): Promise<Result> {
    const line = `pgctl failover pg --to ${target} --unplanned`;
    let taken = await this.type(line, { input: 'pg\npg\n' });
    for (let attempt = 0; attempt < 8 && taken.code === 3; attempt++)
      taken = await this.type(line, { input: 'pg\npg\n' });
    expect(taken.code, taken.stdout + taken.stderr).toBe(0);
    return taken;
  }

  /** Moves the group as planned. */
  async move(target: string): Promise<void> {
    const moved = await this.type(`pgctl failover pg --to ${target} --yes`);
    expect(moved.code, moved.stdout + moved.stderr).toBe(0);
    await this.untilRunning(target);
  }

  /** Orders a planned failover and gives it up from another terminal when it says that; answers what both came to. */
  async failOverAndCancel(moment: string): Promise<readonly [failover: Result, cancel: Result]> {
    const cancels: Promise<Result>[] = [];
    let told = '';
    const failover = await this.type('pgctl failover pg --yes', {
      onOutput: (text) => {
        told += text;
        if (cancels.length === 0 && told.includes(moment)) cancels.push(this.type('pgctl cancel pg'));
      },
    });
    const cancel = await cancels[0];
    if (cancel === undefined) throw new Error(`it never said "${moment}": ${failover.stdout}${failover.stderr}`);
    return [failover, cancel];
  }

  /** Changes a setting of the configuration. */
  set(name: string, value: string): void {
    const config = join(this.home, '.kube', 'pgctl', 'config');
    const text = readFileSync(config, 'utf8');
    expect(text).toMatch(new RegExp(`^${name}=`, 'm'));
    writeFileSync(config, text.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${value}`));
  }

  /** Waits until VMs of the group run on this cluster, and checks that none is left on the other one. */
  async untilRunning(cluster: string): Promise<void> {
    await this.waitFor(cluster, ['protectiongroup', 'pg'], '.status.currentState', 'running', 120);
    const other = cluster === 'cluster1' ? 'cluster2' : 'cluster1';
    await this.waitFor(other, ['vmi'], '.items', '[]', 120);
  }

  async #volumes(): Promise<readonly string[]> {
    const definitions = (await this.#linstor('GET', '/v1/resource-definitions')) as readonly {
      readonly name: string;
    }[];
    return definitions.map(({ name }) => name);
  }

  /** Runs a command of DRBD's for each volume on the node that holds it open, in its satellite. */
  async onPrimaries(command: (volume: string) => readonly string[]): Promise<void> {
    const copies = (await this.#linstor('GET', '/v1/view/resources')) as readonly Copy[];
    for (const { name, node_name: node } of copies.filter(({ state }) => state?.in_use === true)) {
      const cluster = node.slice(0, node.indexOf('-'));
      const place = ['-n', 'piraeus-datastore'];
      const pods = await this.kubectl(cluster, ['get', 'pods', ...place, '-o', 'name']);
      const pod = pods.stdout.split('\n').find((line) => line.startsWith(`pod/linstor-satellite.${node}-`)) ?? '';
      const words = [...place, 'exec', pod, '-c', 'linstor-satellite', '--', ...command(name)];
      const { code, stdout, stderr } = await this.kubectl(cluster, words);
      expect(code, stdout + stderr).toBe(0);
    }
  }

  async #arrange({ quorum, onNoQuorum, tiebreaker }: Layout): Promise<void> {
    const properties = {
      ...(quorum === undefined ? {} : { 'DrbdOptions/Resource/quorum': quorum }),
      ...(onNoQuorum === undefined ? {} : { 'DrbdOptions/Resource/on-no-quorum': onNoQuorum }),
    };
    for (const volume of await this.#volumes()) {
      const place = `/v1/resource-definitions/${volume}`;
      if (tiebreaker !== undefined && tiebreaker !== thirdSite) {
        const resource = { node_name: tiebreaker, flags: ['DISKLESS'] };
        await this.#linstor('POST', `${place}/resources/${tiebreaker}`, { resource });
      }
      if (Object.keys(properties).length > 0) await this.#linstor('PUT', place, { override_props: properties });
    }
  }

  async #linstor(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
    const answer = await fetch(`${this.linstorUrl()}${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`LINSTOR refused ${method} ${path}: ${text}`);
    return JSON.parse(text);
  }
}

/** A copy of a volume, as LINSTOR shows it. */
interface Copy {
  readonly name: string;
  readonly node_name: string;
  readonly state?: { readonly in_use?: boolean };
}
