import { once } from 'node:events';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Certificate } from '../../../../src/lab/certificates.ts';
import type { KubeRequest, Outcome } from '../../../../src/model/request.ts';
import type { ApiWorkerOrder } from './api-worker.ts';

/** Requests to real API servers whose outcome is there when the call returns: behaviours of the world know nothing of promises. */
export class WaitingClient {
  /** Where KubeVirt's webhooks are answered, on loopback. */
  readonly webhooksPort: number;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #signal: Int32Array<SharedArrayBuffer>;

  private constructor(worker: Worker, port: MessagePort, signal: Int32Array<SharedArrayBuffer>, webhooksPort: number) {
    this.#worker = worker;
    this.#port = port;
    this.#signal = signal;
    this.webhooksPort = webhooksPort;
  }

  static async open(sites: ApiWorkerOrder['sites'], certificate: Certificate): Promise<WaitingClient> {
    const { port1, port2 } = new MessageChannel();
    const signal = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const workerData: ApiWorkerOrder = { sites, certificate, port: port2, signal };
    const worker = new Worker(new URL('./api-worker.ts', import.meta.url), { workerData, transferList: [port2] });
    const [{ webhooksPort }] = (await once(port1, 'message')) as [{ readonly webhooksPort: number }];
    return new WaitingClient(worker, port1, signal, webhooksPort);
  }

  /** Blocks this thread until the outcome is known. */
  perform(request: KubeRequest): Outcome {
    Atomics.store(this.#signal, 0, 0);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, no window
    this.#port.postMessage(request);
    Atomics.wait(this.#signal, 0, 0);
    return receiveMessageOnPort(this.#port)?.message as Outcome;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
