import type { ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import type { Json } from '../../model/json.ts';
import { jsonTextOf } from './json-text.ts';

/** One answer of the HTTP face. A text as body is sent as plain text. */
export interface Reply {
  readonly status: number;
  readonly body: Json;
  readonly format?: 'json' | 'yaml';
  /** Full Content-Type where it says more than the format. */
  readonly contentType?: string;
  /** Sent as Warning headers, which kubectl prints. */
  readonly warnings?: readonly string[];
}

/** Writes a reply and ends the response; only the head of it for a HEAD request. */
export function sendReply(response: ServerResponse, reply: Reply, headOnly = false): void {
  if (response.headersSent || response.writableEnded) return;
  const { status, body, format = 'json', warnings = [] } = reply;
  const [contentType, text] = rendered(body, format);
  for (const warning of warnings) response.appendHeader('Warning', `299 - ${quoted(warning)}`);
  response.writeHead(status, {
    'Content-Type': reply.contentType ?? contentType,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-cache, private',
  });
  response.end(headOnly ? undefined : text);
}

function rendered(body: Json, format: 'json' | 'yaml'): readonly [contentType: string, text: string] {
  if (typeof body === 'string') return ['text/plain; charset=utf-8', body];
  return format === 'yaml'
    ? ['application/yaml', stringify(body, { sortMapEntries: true, aliasDuplicateObjects: false })]
    : ['application/json', jsonTextOf(body)];
}

/** A quoted-string of RFC 9110, without characters that a header cannot hold. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/[^\x20-\x7e]+/g, ' ')}"`;
}
