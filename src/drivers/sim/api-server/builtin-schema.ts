import types from './builtin-types.json' with { type: 'json' };
import omitted from './omitted-fields.json' with { type: 'json' };
import type { SchemaNode } from './structural-schema.ts';
import { emptySchema } from './structural-schema.ts';

/**
 * The schema of a built-in kind, read from `builtin-types.json`: the fields of every type of the published OpenAPI
 * document of Kubernetes, one line each, as `name type options` (`[T` a list, `{T` a map, `merge:` the patchMergeKey,
 * `struct` a structure that Go cannot leave out). `omitted-fields.json` says which fields it leaves out when they hold
 * nothing; `go run ./omitted-fields` in tools/kube prints it anew. Undefined for kinds that the document does not have.
 */
export function builtinSchema(kind: string): SchemaNode | undefined {
  return kind in lines ? typeNode(kind) : undefined;
}

const lines: Readonly<Record<string, string>> = types;
const omittedFields: Readonly<Record<string, string | undefined>> = omitted;
const nodes = new Map<string, SchemaNode>();
const reading = new Set<string>();

function typeNode(name: string): SchemaNode {
  const known = nodes.get(name);
  if (known !== undefined) return known;
  const line = lines[name];
  // A type inside of itself (JSONSchemaProps): taken as it comes.
  if (line === undefined || reading.has(name)) return anything;
  reading.add(name);
  const node = readType(name, line);
  reading.delete(name);
  nodes.set(name, node);
  return node;
}

const anything: SchemaNode = { ...emptySchema, preservesUnknown: true };

function readType(name: string, line: string): SchemaNode {
  // The document gives both kinds of time one format.
  if (name === 'MicroTime') return fieldNode('micro-time', []);
  if (line.startsWith('= ')) return fieldNode(line.slice(2), []);
  const properties = new Map<string, SchemaNode>();
  // An empty list of managers is a wish, not nothing.
  const leftOut = new Set(omittedFields[name]?.split(' ').filter((field) => field !== 'managedFields'));
  let atomicMap = false;
  for (const field of line.split('; ')) {
    const [fieldName = '', type = '', ...options] = field.split(' ');
    if (fieldName === '@') atomicMap = true;
    else {
      const node = fieldNode(type, options);
      properties.set(fieldName, leftOut.has(fieldName) ? { ...node, omitsEmpty: true } : node);
    }
  }
  return { ...emptySchema, type: 'object', properties, atomicMap, goType: `v1.${name}` };
}

function fieldNode(type: string, options: readonly string[]): SchemaNode {
  const node = bareNode(type);
  if (options.length === 0) return node;
  const option = (name: string): string | undefined =>
    options.find((item) => item.startsWith(`${name}:`))?.slice(name.length + 1);
  const keys = option('map');
  const mergeKey = option('merge');
  const fallback = option('default');
  return {
    ...node,
    listType: keys !== undefined ? 'map' : options.includes('set') ? 'set' : 'atomic',
    listMapKeys: keys?.split(',') ?? [],
    atomicMap: (node.atomicMap || options.includes('atomic')) && !options.includes('granular'),
    structure: options.includes('struct'),
    ...(mergeKey === undefined ? {} : { patchMergeKey: mergeKey }),
    ...(fallback === undefined ? {} : { default: fallback }),
  };
}

function bareNode(type: string): SchemaNode {
  if (type.startsWith('[')) {
    const items = bareNode(type.slice(1));
    return { ...emptySchema, type: 'array', items, goType: `[]${items.goType}` };
  }
  if (type.startsWith('{')) {
    const additional = bareNode(type.slice(1));
    return { ...emptySchema, type: 'object', additional, goType: `map[string]${additional.goType}` };
  }
  return scalars[type] ?? typeNode(type);
}

const scalar = (type: SchemaNode['type'], goType: string, format?: string): SchemaNode => ({
  ...emptySchema,
  type,
  goType,
  format,
});

const scalars: Readonly<Record<string, SchemaNode>> = {
  any: anything,
  boolean: scalar('boolean', 'bool'),
  byte: scalar('string', '[]uint8', 'byte'),
  'date-time': scalar('string', 'v1.Time', 'date-time'),
  'micro-time': scalar('string', 'v1.MicroTime', 'micro-time'),
  double: scalar('number', 'float64'),
  int32: scalar('integer', 'int32'),
  int64: scalar('integer', 'int64'),
  'int-or-string': { ...emptySchema, intOrString: true, goType: 'intstr.IntOrString' },
  quantity: scalar('', 'resource.Quantity', 'quantity'),
  string: scalar('string', 'string'),
};
