import type { Json } from '../../../model/json.ts';
import type { LinstorAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import type { Shape } from './request-json.ts';

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
  /** What the body has to be; left out where none is read. */
  readonly accepts?: Shape;
  /** Status for a body that is not that: 500 where nothing is said. */
  readonly badBody?: 400;
  /** It takes no body as well as one. */
  readonly bodyOptional?: true;
  handle(context: LinstorContext, request: RouteRequest): LinstorAnswer;
}
