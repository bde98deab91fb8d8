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

const protobufType = 'application/vnd.kubernetes.protobuf';

export type Parsed<T> = { readonly value: T } | { readonly failure: Failure };

/** The whole body; a failure when it is too large, undefined when the client went away. */
export function readBody(request: IncomingMessage): Promise<Parsed<Buffer> | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bodyLimit) chunks.push(chunk);
      else resolve({ failure: tooLarge(bodyLimit) });
    });
    request.on('end', () => resolve({ value: Buffer.concat(chunks) }));
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
export function parsePatch(bytes: Buffer, kind: PatchKind): Parsed<Json> {
  const text = bytes.toString('utf8');
  try {
    return { value: kind === 'apply' ? parseYaml(text) : (JSON.parse(text) as Json) };
  } catch (cause) {
    const what = kind === 'apply' ? 'error decoding YAML: error converting YAML to JSON' : 'error decoding patch';
    return { failure: badRequest(`${what}: ${firstLine(cause)}`) };
  }
}

/** The JSON value of a body in JSON, YAML or protobuf; undefined when it is empty. `kind` is what it is to be, for the refusal's text. */
export async function parseBody(
  bytes: Buffer,
  contentType: string | undefined,
  kind: string,
): Promise<Parsed<Json | undefined>> {
  const type = contentTypeOf(contentType);
  if (type === protobufType) return parseProtobuf(bytes, kind);
  const isYaml = type === 'application/yaml';
  if (!isYaml && type !== '' && type !== 'application/json') {
    return { failure: unsupportedMediaType(['application/json', 'application/yaml', protobufType]) };
  }
  const text = bytes.toString('utf8');
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

/** The table of messages is large: it is read when the first client sends protobuf. */
async function parseProtobuf(bytes: Buffer, kind: string): Promise<Parsed<Json | undefined>> {
  if (bytes.length === 0) return { value: undefined };
  const { decodeProtobuf } = await import('./protobuf/decode.ts');
  try {
    return { value: decodeProtobuf(bytes) };
  } catch (cause) {
    return {
      failure: badRequest(`the object provided is unrecognized (must be of type ${kind}): ${firstLine(cause)}`),
    };
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
