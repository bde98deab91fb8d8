import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { User } from '../../drivers/sim/api-server/authorization.ts';

/** One request on its way through the face, its user known. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly user: User;
  /** Of a request that asks to go on in another protocol. */
  readonly upgrade?: Upgrade;
}

/** A connection that can be taken over: nothing has been answered on it. */
export interface Upgrade {
  readonly socket: Duplex;
  /** What came behind the request. */
  readonly head: Buffer;
  /** Takes the connection away from the response, which must not be used any more. */
  release(): void;
}
