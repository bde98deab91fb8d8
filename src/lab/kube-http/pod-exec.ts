import type { IncomingMessage } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { execResultOf } from '../../model/exec-result.ts';
import type { JsonObject } from '../../model/json.ts';
import type { ExecRequest, Outcome } from '../../model/request.ts';
import type { Upgrade } from './exchange.ts';
import type { Reply } from './reply.ts';
import { badRequest, internalError } from './status.ts';

/** A command in a container of the cluster. */
export type PodCommand = Omit<ExecRequest, 'api' | 'site'>;

/** Runs a command at the present moment of the world; `hang`: nothing is heard of it. */
export type RunInPod = (command: PodCommand) => Outcome | { readonly kind: 'hang' };

/** In a cluster without nodes. */
export const nothingRuns: RunInPod = () => ({
  kind: 'unknown',
  reason: 'server-error',
  message: 'no node of this cluster runs containers',
});

/** What a client wants back over its connection. */
interface Wanted {
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Everything comes as a terminal shows it: as one stream. */
  readonly tty: boolean;
}

const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** Streams of a connection by the first byte of each message (`k8s.io/kubelet/pkg/cri/streaming/remotecommand`). */
const channels = { stdout: 1, stderr: 2, error: 3 };

/** The command that a request to `pods/NAME/exec` asks for, or why there is none. */
export function podCommand(
  query: URLSearchParams,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  containers: readonly string[],
): PodCommand | Reply {
  const command = query.getAll('command');
  const container = query.get('container') ?? (containers.length === 1 ? containers[0] : undefined);
  if (container === undefined) {
    const names = containers.join(' ');
    return badRequest(`a container name must be specified for pod ${name}, choose one of: [${names}]`);
  }
  if (!containers.includes(container)) return badRequest(`container ${container} is not valid for pod ${name}`);
  if (command.length === 0) return badRequest('you must specify at least one command for the container');
  return { namespace, pod: name, container, command };
}

/**
 * The side of a kube-apiserver in `kubectl exec`, over WebSocket: kubectl 1.30 and newer, and client libraries. Input is taken and
 * goes nowhere: no program of the world's containers reads any.
 */
export class PodExec {
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => protocols.find((each) => offered.has(each)) ?? false,
  });
  readonly #run: RunInPod;

  constructor(run: RunInPod) {
    this.#run = run;
  }

  /** Why a request cannot be carried on over a connection of its own. */
  refusal({ headers }: IncomingMessage): Reply | undefined {
    const upgrade = headers.upgrade?.toLowerCase();
    if (upgrade === undefined) return badRequest('Upgrade request required');
    if (upgrade !== 'websocket') {
      return badRequest(`${upgrade} is not served here: use kubectl 1.30 or newer, which runs commands over WebSocket`);
    }
    const offered = (headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
    if (protocols.some((each) => offered.includes(each))) return undefined;
    return badRequest(
      `unable to negotiate a subprotocol: offered [${offered.join(' ')}], served [${protocols.join(' ')}]`,
    );
  }

  /**
   * Runs a command, and tells over the connection what it prints and how it ends. A refusal is answered instead, before the
   * connection is made.
   */
  carryOut(
    command: PodCommand,
    query: URLSearchParams,
    request: IncomingMessage,
    { socket, head, release }: Upgrade,
  ): Reply | undefined {
    const outcome = this.#run(command);
    if (outcome.kind === 'refused') return { status: outcome.status, body: outcome.body ?? outcome.message };
    const isWanted = (name: string): boolean => query.get(name) === 'true' || query.get(name) === '1';
    const wanted = { stdout: isWanted('stdout'), stderr: isWanted('stderr'), tty: isWanted('tty') };
    release();
    this.#server.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => client.terminate());
      if (outcome.kind !== 'hang') tell(client, outcome, wanted);
    });
    return undefined;
  }
}

function tell(client: WebSocket, outcome: Outcome, { stdout, stderr, tty }: Wanted): void {
  const send = (channel: number, text: string): void =>
    client.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)]));
  const result = execResultOf(outcome);
  // An empty message tells the client that everything is connected.
  send(stdout ? channels.stdout : channels.error, '');
  if (!result.known) {
    send(channels.error, JSON.stringify(internalError(result.why).body));
  } else {
    const { exitCode, ...said } = result.value;
    if (stdout && tty) send(channels.stdout, `${said.stdout}${said.stderr}`.replaceAll('\n', '\r\n'));
    if (stdout && !tty && said.stdout !== '') send(channels.stdout, said.stdout);
    if (stderr && !tty && said.stderr !== '') send(channels.stderr, said.stderr);
    send(channels.error, JSON.stringify(statusOf(exitCode)));
  }
  client.close(1000);
}

/** How a command ended (`k8s.io/kubelet/pkg/cri/streaming/remotecommand/exec.go`). */
function statusOf(exitCode: number): JsonObject {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}
