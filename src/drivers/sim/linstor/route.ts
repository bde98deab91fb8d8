import type { Json } from '../../../model/json.ts';
import type { LinstorAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';

export interface RouteRequest {
  /** The `{…}` parts of the path, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly body: Json;
}

export interface Route {
  readonly method: string;
  /** `/v1/nodes/{node}` */
  readonly pattern: string;
  handle(context: LinstorContext, request: RouteRequest): LinstorAnswer;
}
