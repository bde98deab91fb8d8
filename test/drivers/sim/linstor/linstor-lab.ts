import { at, type Json, textAt } from '../../../../src/model/json.ts';
import { DrbdKernel } from '../../../../src/drivers/sim/drbd/kernel.ts';
import type { LinstorAnswer } from '../../../../src/drivers/sim/linstor/answer.ts';
import { LinstorController } from '../../../../src/drivers/sim/linstor/controller.ts';
import { Clock } from '../drbd/drbd-lab.ts';

/** Two nodes at the primary site, one at the other: pri-a, pri-b, dr-a. */
export class LinstorLab {
  readonly clock = new Clock();
  readonly kernel: DrbdKernel;
  readonly linstor: LinstorController;

  constructor(properties: Readonly<Record<string, string>> = {}) {
    this.kernel = new DrbdKernel(this.clock, this.clock.random.stream('drbd'));
    this.linstor = new LinstorController({
      scheduler: this.clock,
      kernel: this.kernel,
      random: this.clock.random.stream('linstor'),
      wallNow: () => 1_767_225_600_000 + this.clock.now,
      properties,
    });
    this.clock.handlers.set('drbd', (event) => this.kernel.handle(event));
    this.clock.handlers.set('linstor', (event) => this.linstor.handle(event));
    for (const [name, site] of [
      ['pri-a', 'primary'],
      ['pri-b', 'primary'],
      ['dr-a', 'dr'],
    ] as const) {
      this.linstor.addNode({ name, site, address: '10.0.0.1', pools: ['pool'] });
    }
  }

  send(method: string, path: string, body?: Json): LinstorAnswer {
    const [plain = '', search] = path.split('?');
    const query: Record<string, string[]> = {};
    for (const pair of search?.split('&') ?? []) {
      const [name = '', ...value] = pair.split('=');
      (query[name] ??= []).push(value.join('='));
    }
    return this.linstor.request({ method, path: plain, query, ...(body === undefined ? {} : { body }) });
  }

  get(path: string): Json {
    return this.send('GET', path).body;
  }

  /** A definition with a volume and diskful replicas on the nodes, made by hand one after the other. */
  define(name: string, ...nodes: string[]): void {
    this.send('POST', '/v1/resource-definitions', { resource_definition: { name } });
    this.send('POST', `/v1/resource-definitions/${name}/volume-definitions`, {
      volume_definition: { size_kib: 20_480 },
    });
    for (const node of nodes) {
      this.send('POST', `/v1/resource-definitions/${name}/resources/${node}`, {
        resource: { props: { StorPoolName: 'pool' } },
      });
    }
  }

  property(definition: string, key: string): Json | undefined {
    return at(this.get(`/v1/resource-definitions/${definition}`), 'props', key);
  }

  /** `pri-a diskful, pri-b TIE_BREAKER` */
  replicas(definition: string): string {
    const list = this.get(`/v1/resource-definitions/${definition}/resources`) as readonly Json[];
    return list
      .map((each) => {
        const flags = (at(each, 'flags') ?? []) as readonly string[];
        const kind = flags.includes('TIE_BREAKER')
          ? 'TIE_BREAKER'
          : flags.includes('DISKLESS')
            ? 'DISKLESS'
            : 'diskful';
        return `${textAt(each, 'node_name')} ${kind}`;
      })
      .join(', ');
  }

  /** The codes of an answer's messages, exact. */
  codes(answer: LinstorAnswer): string[] {
    return [...answer.text().matchAll(/"ret_code":(-?\d+)/g)].map((match) => match[1]!);
  }
}
