import { type Server, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { LinstorFace } from './linstor-face.ts';

/** LINSTOR's REST API on loopback. Its port is open before the world is built, which is told its address. */
export class LinstorServer {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static open(): Promise<LinstorServer> {
    return new Promise((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(new LinstorServer(server)));
    });
  }

  /** Requests that come while its site is not reachable stay unanswered. */
  serve(face: LinstorFace, isReachable: () => boolean): void {
    this.#server.on('request', (request, response) => {
      if (isReachable()) void face.handle(request, response);
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
