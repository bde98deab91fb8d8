import type { IncomingMessage, ServerResponse } from 'node:http';
import type { User } from '../../drivers/sim/api-server/authorization.ts';

/** One request on its way through the face, its user known. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly user: User;
}
