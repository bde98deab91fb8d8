import type { Effect, MachineRecord } from '../machines/definition.ts';
import type { Instant } from '../model/instant.ts';
import { type ApiRequest, commandLine, type Outcome } from '../model/request.ts';
import type { Breach } from './breach.ts';

/** Version of the lines' form. A reader refuses a newer one. */
export const traceVersion = 1;

/** The first line of a trace: what made it. */
export interface TraceHeader {
  readonly v: typeof traceVersion;
  readonly kind: 'header';
  /** Present in simulation only. */
  readonly seed?: number;
  /** What is played, in simulation only. */
  readonly scenario?: string;
  readonly program: string;
}

/**
 * One thing that happened. `actor` is a host (`pgctl/…`, `failover-controller/cluster2`) or a cluster; requests are named
 * by verb and object and never shown with their bodies, so that no secret can come into a trace.
 */
export type TraceEvent =
  | { readonly kind: 'state'; readonly machine: string; readonly from: string; readonly to: string }
  | { readonly kind: 'effect'; readonly effect: string; readonly request: string }
  | { readonly kind: 'outcome'; readonly effect: string; readonly outcome: Outcome['kind']; readonly message?: string }
  | ({ readonly kind: 'breach' } & Breach)
  | { readonly kind: 'change'; readonly change: string; readonly object: string; readonly version: number }
  /** In simulation only: what the scenario does, what is really so of a guest or a replica, and what of it is wrong. */
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'truth'; readonly of: string; readonly is: string }
  | { readonly kind: 'violation'; readonly property: string; readonly what: string }
  /** The last line. */
  | {
      readonly kind: 'verdict';
      readonly result: 'pass' | 'fail' | 'unknown';
      readonly property?: string;
      readonly what?: string;
      readonly marks: readonly string[];
    };

export interface TraceLine {
  /** Counted from 1. */
  readonly n: number;
  readonly at: Instant;
  readonly actor: string;
  readonly event: TraceEvent;
  /** Hash of all lines up to this one: two traces agree up to the last line with the same hash. */
  readonly h: string;
}

/** Writes a trace line by line, as JSON without line breaks: the form is the same in simulation and in production. */
export class TraceWriter {
  #write: (line: string) => void;
  #hash = startHash;
  #count = 0;

  constructor(header: Omit<TraceHeader, 'v' | 'kind'>, write: (line: string) => void) {
    this.#write = write;
    const first: TraceHeader = { v: traceVersion, kind: 'header', ...header };
    const text = JSON.stringify(first);
    this.#hash = hashOf(text, this.#hash);
    write(text);
  }

  /** Hash over everything written so far: equal for equal runs. */
  get digest(): string {
    return textOf(this.#hash);
  }

  add(at: Instant, actor: string, event: TraceEvent): void {
    this.#count += 1;
    this.#hash = hashOf(JSON.stringify([this.#count, at, actor, event]), this.#hash);
    const line: TraceLine = { n: this.#count, at, actor, event, h: this.digest };
    this.#write(JSON.stringify(line));
  }

  /** A machine's way from one state to another; nothing when it stays. */
  transition(at: Instant, actor: string, before: MachineRecord<unknown>, after: MachineRecord<unknown>): void {
    if (before.state === after.state) return;
    this.add(at, actor, { kind: 'state', machine: after.machine, from: before.state, to: after.state });
  }

  /** The order that a machine gave. */
  effect(at: Instant, actor: string, effect: Effect): void {
    this.add(at, actor, { kind: 'effect', effect: effect.name, request: requestLabel(effect.request) });
  }

  /** A pass that would have broken a promise, and was dropped. */
  breach(at: Instant, actor: string, breach: Breach): void {
    this.add(at, actor, { kind: 'breach', ...breach });
  }

  /** What became of it. */
  outcome(at: Instant, actor: string, effect: Effect, outcome: Outcome): void {
    const told = outcome.kind === 'applied' ? {} : { message: outcome.message };
    this.add(at, actor, { kind: 'outcome', effect: effect.name, outcome: outcome.kind, ...told });
  }
}

/** `PATCH cluster1 protectiongroups/pg` or `GET linstor /v1/nodes`: a request by its address alone. */
export function requestLabel(request: ApiRequest): string {
  if (request.api === 'linstor') return `${request.method} linstor ${request.path}`;
  if (request.api === 'exec') return `EXEC ${request.site} ${request.pod} ${commandLine(request)}`;
  const { verb, site, resource, name, subresource } = request;
  const object = name === undefined ? resource.plural : `${resource.plural}/${name}`;
  return `${verb.toUpperCase()} ${site} ${object}${subresource === undefined ? '' : `/${subresource}`}`;
}

interface Hash {
  readonly high: number;
  readonly low: number;
}

// Two 32-bit FNV-1a hashes over UTF-16 code units (http://www.isthe.com/chongo/tech/comp/fnv/), the second one started elsewhere.
const startHash: Hash = { high: 0x811c9dc5, low: 0x050c5d1f };
const prime = 0x01000193;

function hashOf(text: string, before: Hash): Hash {
  let { high, low } = before;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, prime);
    low = Math.imul(low ^ unit ^ (high >>> 24), prime);
  }
  return { high: high >>> 0, low: low >>> 0 };
}

function textOf({ high, low }: Hash): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
