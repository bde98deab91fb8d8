import type { Json } from '../../src/model/json.ts';

/** One HTTP request to an API server. */
export interface Call {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text as it is. */
  readonly body?: Json;
  /** Who asks; `admin` when absent. */
  readonly as?: 'admin' | 'nobody';
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Parsed when it is JSON, else the text. */
  readonly body: Json;
}

/** An open watch: its events in order. */
export interface OpenWatch {
  /** The next event; undefined when the server ended the watch. Throws when none comes within ten seconds. */
  next(): Promise<Json | undefined>;
  stop(): void;
}

/** A Kubernetes API that the conformance suite asks, simulated or real, with its controllers and its scheduler. */
export interface ClusterUnderTest {
  request(call: Call): Promise<Answered>;
  watch(call: Pick<Call, 'path' | 'query' | 'headers' | 'as'>): Promise<OpenWatch>;
  /** Lets the controllers work for a moment. */
  pass(): Promise<void>;
}
