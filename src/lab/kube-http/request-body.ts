import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import type { Json } from '../../model/json.ts';
import type { PatchKind } from '../../model/request.ts';
import { type Failure, badRequest, failure, tooLarge, unsupportedMediaType } from './status.ts';
import { contentTypeOf } from './media-type.ts';

/** Largest body that a real API server takes (`MaxRequestBodyBytes` of k8s.io/apiserver). */
const bodyLimit = 3 * 1024 * 1024;

const patchKinds: Readonly<Record<string, PatchKind>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

export type Parsed<T> = { readonly value: T } | { readonly failure: Failure };

/** The whole body as text; a failure when it is too large, undefined when the client went away. */
export function readBody(request: IncomingMessage): Promise<Parsed<string> | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bodyLimit) chunks.push(chunk);
      else resolve({ failure: tooLarge(bodyLimit) });
    });
    request.on('end', () => resolve({ value: Buffer.concat(chunks).toString('utf8') }));
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
}

/** Which kind of patch a Content-Type announces. */
export function patchKindOf(contentType: string | undefined): Parsed<PatchKind> {
  const kind = patchKinds[contentTypeOf(contentType)];
  if (kind !== undefined) return { value: kind };
  return { failure: failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {}) };
}

/** The JSON value of a patch. Only an apply patch may be YAML. */
export function parsePatch(text: string, kind: PatchKind): Parsed<Json> {
  try {
    return { value: kind === 'apply' ? parseYaml(text) : (JSON.parse(text) as Json) };
  } catch (cause) {
    const what = kind === 'apply' ? 'error decoding YAML: error converting YAML to JSON' : 'error decoding patch';
    return { failure: badRequest(`${what}: ${firstLine(cause)}`) };
  }
}

/** The JSON value of a body in JSON or YAML; undefined when it is empty. `kind` is what it is to be, for the refusal's text. */
export function parseBody(text: string, contentType: string | undefined, kind: string): Parsed<Json | undefined> {
  const type = contentTypeOf(contentType);
  const isYaml = type === 'application/yaml';
  if (!isYaml && type !== '' && type !== 'application/json') {
    return { failure: unsupportedMediaType(['application/json', 'application/yaml']) };
  }
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: isYaml ? parseYaml(text) : (JSON.parse(text) as Json) };
  } catch (cause) {
    const why = isYaml
      ? `yaml: ${firstLine(cause)}`
      : `couldn't get version/kind; json parse error: ${firstLine(cause)} (${text.slice(0, 64)})`;
    return { failure: badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why}`) };
  }
}

function firstLine(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
}

function parseYaml(text: string): Json {
  // kubectl announces YAML and sends JSON, which is faster to read.
  if (text.startsWith('{')) {
    try {
      return JSON.parse(text) as Json;
    } catch {
      // A YAML flow mapping: read below.
    }
  }
  return parse(text) as Json;
}
