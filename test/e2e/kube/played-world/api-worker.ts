// Beside the thread of a played world: sends its requests while that waits, and answers the API servers' webhooks meanwhile.
import { type MessagePort, workerData } from 'node:worker_threads';
import { openLiveDriver } from '../../../../src/drivers/real/live-driver.ts';
import type { Certificate } from '../../../../src/lab/certificates.ts';
import type { KubeRequest } from '../../../../src/model/request.ts';
import { openWebhooks } from './webhooks.ts';

/** What the thread is started with. Its first message tells where it answers webhooks, each further one is an outcome. */
export interface ApiWorkerOrder {
  readonly sites: readonly { readonly name: string; readonly kubeconfigPath: string }[];
  readonly certificate: Certificate;
  readonly port: MessagePort;
  /** One number: 1 when an outcome lies in the port. */
  readonly signal: Int32Array<SharedArrayBuffer>;
}

const { sites, certificate, port, signal } = workerData as ApiWorkerOrder;
const driver = openLiveDriver({ sites, environment: {} });

port.on('message', (request: KubeRequest) => void perform(request));
port.postMessage({ webhooksPort: await openWebhooks(certificate) });

async function perform(request: KubeRequest): Promise<void> {
  port.postMessage(await driver.perform(request));
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
}
