/** How an answer is to be shaped and written. */
export interface Negotiated {
  readonly format: 'json' | 'yaml';
  readonly shape: 'plain' | 'table' | 'metadata';
  /** Version of meta.k8s.io for tables and metadata, of apidiscovery.k8s.io for discovery. */
  readonly version: string;
  /** `APIGroupDiscoveryList` when discovery was asked for in one document. */
  readonly as?: string;
}

interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const plainJson: Negotiated = { format: 'json', shape: 'plain', version: 'v1' };

/**
 * The first acceptable shape of an Accept header, in the order written; undefined when nothing we serve is acceptable.
 * Protobuf and CBOR are not served; clients list JSON after them.
 */
export function negotiate(accept: string | undefined): Negotiated | undefined {
  if (accept === undefined || accept.trim() === '') return plainJson;
  for (const range of accept.split(',')) {
    const chosen = acceptable(parseMediaType(range));
    if (chosen !== undefined) return chosen;
  }
  return undefined;
}

/** Content-Type without its parameters, in lower case; '' when absent. */
export function contentTypeOf(header: string | undefined): string {
  return parseMediaType(header ?? '').type;
}

function acceptable({ type, parameters }: MediaType): Negotiated | undefined {
  const format = formatOf(type);
  if (format === undefined) return undefined;
  const as = parameters.get('as');
  const version = parameters.get('v') ?? 'v1';
  if (as === undefined) return { format, shape: 'plain', version };
  if (as === 'APIGroupDiscoveryList') {
    const isKnown = parameters.get('g') === 'apidiscovery.k8s.io' && (version === 'v2' || version === 'v2beta1');
    return isKnown ? { format, shape: 'plain', version, as } : undefined;
  }
  if (parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (as === 'Table') return { format, shape: 'table', version, as };
  const isMetadata = as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList';
  return isMetadata ? { format, shape: 'metadata', version, as } : undefined;
}

function formatOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}

function parseMediaType(text: string): MediaType {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const equals = parameter.indexOf('=');
    if (equals > 0) parameters.set(parameter.slice(0, equals), parameter.slice(equals + 1));
  }
  return { type: type.toLowerCase(), parameters };
}
