import { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { ExecRequest, Outcome } from '../../../src/model/request.ts';
import { served } from './tls-site.ts';

export const command: ExecRequest = {
  api: 'exec',
  site: 'a',
  namespace: 'default',
  pod: 'web',
  container: 'main',
  command: ['true'],
};

interface Seen {
  readonly outcome: Outcome;
  readonly authorization: string | undefined;
  /** Common name of the client's certificate. */
  readonly client: string | undefined;
}

/** Runs a command on a TLS server of this test, which says that it has ended well; and what the server saw. */
export async function commandSeenThrough(given: Parameters<typeof served>[1]): Promise<Seen> {
  const { driver, server } = await served((_request, response) => void response.writeHead(404).end(), given);
  const sockets = new WebSocketServer({ noServer: true });
  let authorization: string | undefined;
  let client: string | undefined;
  server.on('upgrade', (request, socket, head) => {
    authorization = request.headers.authorization;
    if (socket instanceof TLSSocket) client = String(socket.getPeerCertificate().subject?.CN ?? '');
    sockets.handleUpgrade(request, socket, head, (connection) => {
      connection.send(Buffer.concat([Buffer.of(3), Buffer.from('{"status":"Success"}')]));
      connection.close();
    });
  });
  return { outcome: await driver.perform(command), authorization, client };
}
