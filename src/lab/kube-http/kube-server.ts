import { createServer as createHttpsServer } from 'node:https';
import type { Server as HttpsServer } from 'node:https';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import type { Certificate } from '../certificates.ts';
import type { KubeFace } from './kube-face.ts';

/** How an endpoint behaves: it serves, it takes connections and says nothing, or it refuses them. */
export type Reachability = 'open' | 'hang' | 'refuse';

/**
 * The HTTPS endpoint of one cluster on loopback. The TCP listener stands apart from the HTTPS server behind it, so that
 * an outage can swallow connections, or refuse them and come back on the same port.
 */
export class KubeServer {
  readonly port: number;
  readonly #https: HttpsServer;
  #listener: Server;
  readonly #sockets = new Set<Socket>();
  readonly #face: () => KubeFace;
  #reachability: Reachability = 'open';
  /** Changes of the listener, one after the other. */
  #change: Promise<void> = Promise.resolve();

  private constructor(listener: Server, https: HttpsServer, face: () => KubeFace) {
    this.#listener = listener;
    this.#https = https;
    this.#face = face;
    this.port = (listener.address() as AddressInfo).port;
    listener.on('connection', (socket) => this.#take(socket));
    https.on('request', (request, response) => {
      if (this.#reachability === 'open') void this.#face().handle(request, response);
    });
    https.on('upgrade', (request, socket, head) => {
      if (this.#reachability === 'open') void this.#face().handleUpgrade(request, socket as Socket, head);
    });
  }

  /** Listens on a free port of loopback. `faceFor` gets the address that clients will use. */
  static async open(
    certificate: Certificate,
    authority: string,
    faceFor: (serverAddress: string) => KubeFace,
  ): Promise<KubeServer> {
    const https = createHttpsServer({
      cert: certificate.certificate,
      key: certificate.privateKey,
      ca: authority,
      requestCert: true,
      rejectUnauthorized: false,
      keepAliveTimeout: 120_000,
    });
    https.on('tlsClientError', (_error, socket) => socket.destroy());
    https.on('clientError', (_error, socket) => socket.destroy());
    const listener = await listen(0);
    const face: { current?: KubeFace } = {};
    const server = new KubeServer(listener, https, () => face.current as KubeFace);
    face.current = faceFor(server.address);
    return server;
  }

  /** `127.0.0.1:PORT`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `https://${this.address}`;
  }

  /** Starts or ends an outage. When it ends, connections from before and during it are cut: clients connect anew. */
  setReachability(reachability: Reachability): Promise<void> {
    if (reachability === this.#reachability) return this.#change;
    const before = this.#reachability;
    this.#reachability = reachability;
    if (reachability === 'hang') this.#face().stopWatches(true);
    else this.#cutConnections();
    if (reachability === 'refuse') this.#change = this.#change.then(() => closed(this.#listener));
    if (before === 'refuse') this.#change = this.#change.then(() => this.#listenAgain());
    return this.#change;
  }

  async close(): Promise<void> {
    this.#face().stopWatches();
    await this.#change;
    this.#cutConnections();
    if (this.#listener.listening) await closed(this.#listener);
  }

  async #listenAgain(): Promise<void> {
    this.#listener = await listen(this.port);
    this.#listener.on('connection', (socket) => this.#take(socket));
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    if (this.#reachability === 'open') this.#https.emit('connection', socket);
  }

  #cutConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true });
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
