import type { ControllerProcess } from '../test/e2e/controllers/controller-lab.ts';

/** What a process holds at a moment, when everything that nobody refers to has been thrown away. */
export interface Holdings {
  /** Bytes of objects. */
  readonly heap: number;
  /** Bytes of memory, the runtime's own and what it has not given back among them. */
  readonly rss: number;
  /** The most of that so far. */
  readonly peak: number;
  /** Entries of all maps and sets, caches among them. */
  readonly entries: number;
  /** Open connections, watches among them, and servers. */
  readonly sockets: number;
  readonly timers: number;
  readonly files: number;
}

/** What starts a Node program so that it can be looked into, with further options of Node's. */
export function inspectable(...options: readonly string[]): { readonly NODE_OPTIONS: string } {
  return { NODE_OPTIONS: ['--inspect=127.0.0.1:0', ...options].join(' ') };
}

/** A look into a controller by the protocol of its debugger, which reads and collects garbage and changes nothing. */
export class InspectedProcess {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #sent = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer;
      if (answer.id !== undefined) this.#answers.get(answer.id)?.(answer);
    });
  }

  /** The process must have been started with `inspectable`, and must have logged something. */
  static async open(controller: ControllerProcess): Promise<InspectedProcess> {
    const url = /ws:\/\/\S+/.exec(controller.stderr)?.[0];
    if (url === undefined) throw new Error(`The process does not tell where its debugger is: ${controller.stderr}`);
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new Error(`The debugger at ${url} does not answer`)));
    });
    return new InspectedProcess(socket);
  }

  async look(): Promise<Holdings> {
    // What is left by what the first collection ends goes with the second.
    for (let round = 0; round < 2; round++) await this.#call('HeapProfiler.collectGarbage');
    const entries = (await this.#entriesOf('Map.prototype')) + (await this.#entriesOf('Set.prototype'));
    const { usedSize } = await this.#call<{ readonly usedSize: number }>('Runtime.getHeapUsage');
    const { rss, peak, files, resources } = JSON.parse(await this.#evaluate(resourcesNow)) as Resources;
    const count = (isMeant: RegExp): number => resources.filter((resource) => isMeant.test(resource)).length;
    return {
      heap: usedSize,
      rss,
      peak,
      entries,
      sockets: count(/^(TCP|TLS)/),
      timers: count(/^(Timeout|Immediate)/),
      files,
    };
  }

  close(): void {
    this.#socket.close();
  }

  async #entriesOf(prototype: string): Promise<number> {
    const group = { objectGroup: 'look' };
    const { result } = await this.#call<Remote>('Runtime.evaluate', { expression: prototype, ...group });
    const found = await this.#call<{ readonly objects: { readonly objectId: string } }>('Runtime.queryObjects', {
      prototypeObjectId: result.objectId,
      ...group,
    });
    const sum = await this.#call<Remote>('Runtime.callFunctionOn', {
      objectId: found.objects.objectId,
      functionDeclaration: sumOfSizes,
      returnByValue: true,
    });
    await this.#call('Runtime.releaseObjectGroup', group);
    return Number(sum.result.value);
  }

  async #evaluate(expression: string): Promise<string> {
    const { result } = await this.#call<Remote>('Runtime.evaluate', { expression, returnByValue: true });
    return String(result.value);
  }

  #call<Result>(method: string, params: object = {}): Promise<Result> {
    const id = ++this.#sent;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ result, error }) => {
        this.#answers.delete(id);
        if (error === undefined) resolve(result as Result);
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Remote {
  readonly result: { readonly objectId?: string; readonly value?: unknown };
}

interface Resources {
  readonly rss: number;
  readonly peak: number;
  readonly files: number;
  readonly resources: readonly string[];
}

/** Prototypes of further kinds of maps are among those found; they have no size. */
const sumOfSizes = `function () {
  const sizeOf = (one) => { try { return one.size; } catch { return 0; } };
  return this.reduce((sum, one) => sum + sizeOf(one), 0);
}`;

const resourcesNow = `JSON.stringify({
  rss: process.memoryUsage.rss(),
  peak: process.resourceUsage().maxRSS * 1024,
  files: process.getBuiltinModule('node:fs').readdirSync('/proc/self/fd').length,
  resources: process.getActiveResourcesInfo(),
})`;
