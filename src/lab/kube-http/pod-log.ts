import type { ServerResponse } from 'node:http';
import { type Instant, microTimestamp } from '../../model/instant.ts';

/** One line that a container wrote. */
export interface LogLine {
  readonly at: Instant;
  readonly text: string;
}

/** Where the lines of the lab's pods come from. */
export interface PodLogs {
  lines(namespace: string, pod: string): readonly LogLine[];
  /** Calls back for each further line until the returned function is called. */
  follow(namespace: string, pod: string, listener: (line: LogLine) => void): () => void;
}

/** No pod has written anything. */
export const noLogs: PodLogs = { lines: () => [], follow: () => () => {} };

/** `GET …/pods/NAME/log` with the parameters of `kubectl logs`. Ends at once, or with the client when following. */
export function answerLog(
  logs: PodLogs,
  pod: { readonly namespace: string; readonly name: string },
  query: URLSearchParams,
  response: ServerResponse,
  now: Instant,
): void {
  const format = query.get('timestamps') === 'true' ? stamped : (line: LogLine): string => `${line.text}\n`;
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-cache, private' });
  const text = selected(logs.lines(pod.namespace, pod.name), query, now).map(format).join('');
  const limit = Number(query.get('limitBytes') ?? 0);
  response.write(limit > 0 ? Buffer.from(text).subarray(0, limit) : text);
  if (query.get('follow') !== 'true') {
    response.end();
    return;
  }
  response.flushHeaders();
  const stop = logs.follow(pod.namespace, pod.name, (line) => response.write(format(line)));
  response.on('close', stop);
}

function selected(lines: readonly LogLine[], query: URLSearchParams, now: Instant): readonly LogLine[] {
  const sinceSeconds = Number(query.get('sinceSeconds') ?? 0);
  const recent = sinceSeconds > 0 ? lines.filter((line) => line.at >= now - sinceSeconds * 1000) : lines;
  const tail = query.get('tailLines');
  if (tail === null || !/^\d+$/.test(tail)) return recent;
  return Number(tail) === 0 ? [] : recent.slice(-Number(tail));
}

function stamped({ at, text }: LogLine): string {
  return `${microTimestamp(at)} ${text}\n`;
}
