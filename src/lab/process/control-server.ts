import { timingSafeEqual } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FaultError, type FaultOrder } from '../../twin/faults/fault.ts';
import type { Lab } from '../lab.ts';

/** The channel over which `pgctl lab` talks to the background process. */
export interface ControlServer {
  readonly url: string;
  close(): void;
}

export interface ControlSettings {
  readonly id: string;
  readonly token: string;
  log(line: string): void;
  onStop(): void;
}

interface Command {
  readonly id?: string;
  readonly order?: FaultOrder;
}

/**
 * Opens the channel: HTTP on loopback, every request with the lab's own token.
 * `GET /status`, `GET|POST /faults`, `POST /heal`, `POST /stop`.
 */
export function openControl(lab: Lab, { id, token, log, onStop }: ControlSettings): Promise<ControlServer> {
  const server = createServer((request, response) => {
    if (!isAllowed(request, token)) return answer(response, 401, { error: 'wrong token' });
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => handle(request, response, text));
  });
  const handle = (request: IncomingMessage, response: ServerResponse, text: string): void => {
    const command = commandIn(text);
    if (command === undefined) return answer(response, 400, { error: 'not JSON' });
    switch (`${request.method} ${request.url}`) {
      case 'GET /status':
        return answer(response, 200, { id, faults: lab.faults() });
      case 'GET /faults':
        return answer(response, 200, lab.faults());
      case 'POST /faults':
        return act(response, () => {
          const fault = lab.injectFault(command.order ?? { kind: '' });
          log(`${fault.id} is on: ${fault.says}`);
          return fault;
        });
      case 'POST /heal':
        return act(response, () => {
          const healed = lab.healFaults(command.id);
          for (const { id, says } of healed) log(`${id} is healed: ${says}`);
          return healed;
        });
      case 'POST /stop':
        answer(response, 200, {});
        return onStop();
      default:
        return answer(response, 404, { error: 'unknown command' });
    }
  };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://127.0.0.1:${port}`, close: () => server.close() });
    });
  });
}

function commandIn(text: string): Command | undefined {
  try {
    return (text === '' ? {} : JSON.parse(text)) as Command;
  } catch {
    return undefined;
  }
}

function act(response: ServerResponse, deed: () => unknown): void {
  try {
    answer(response, 200, deed());
  } catch (cause) {
    const status = cause instanceof FaultError ? 400 : 500;
    answer(response, status, { error: cause instanceof Error ? cause.message : String(cause) });
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(JSON.stringify(body));
}

function isAllowed(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
