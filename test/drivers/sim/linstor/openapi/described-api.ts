import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { type JsonObject, objectAt, textAt } from '../../../../../src/model/json.ts';
import { placeKeyword, withClosedSchemas } from './closed-schemas.ts';

/** One request to LINSTOR with its answer. */
export interface Answered {
  readonly method: string;
  /** Path, with or without a query. */
  readonly path: string;
  readonly status: number;
  /** The body as it came over the wire; empty for none. */
  readonly text: string;
}

/** An operation of the description: `GET`, `/v1/nodes/{node}/net-interfaces`. */
export interface Operation {
  readonly method: string;
  readonly path: string;
}

/** LINSTOR's description of its own REST API, as a judge of answers. */
export class DescribedApi {
  readonly operations: readonly Operation[];
  readonly #document: JsonObject;
  readonly #ajv: Ajv;
  readonly #validators = new Map<string, ValidateFunction>();

  /** `yaml`: an OpenAPI 3.0 document. */
  constructor(yaml: string) {
    this.#document = withClosedSchemas(parse(yaml) as JsonObject);
    // An OpenAPI document is no JSON schema, but the places that are compiled are.
    this.#ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true, verbose: true, formats });
    this.#ajv.addSchema(this.#document, documentId);
    this.operations = Object.entries(objectAt(this.#document, 'paths')).flatMap(([path, methods]) =>
      Object.keys(objectAt(methods))
        .filter((method) => method !== 'parameters')
        .map((method) => ({ method: method.toUpperCase(), path })),
    );
  }

  /** The described operation that a request is for; undefined where there is none. */
  operationOf(method: string, path: string): Operation | undefined {
    const parts = partsOf(path);
    const fitting = this.operations.filter((each) => each.method === method && fits(partsOf(each.path), parts));
    // A word of the path goes before a parameter.
    return fitting.toSorted((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
  }

  /**
   * Where an answer departs from the description: an operation or a status that is not described, and each field that is
   * undescribed, absent or of another kind, by its place in the description: `Node.type: …`. What is not described is held
   * against the messages that LINSTOR describes for failures, or against the items of the list that it is one of. A body that is
   * described as another type than JSON is not looked into.
   */
  departures({ method, path, status, text }: Answered): readonly string[] {
    const operation = this.operationOf(method, path);
    if (operation !== undefined) {
      const schema = this.#schemaOf(operation, status);
      if (schema === 'not JSON') return [];
      if (schema !== undefined) return this.#faultsOf(nameOf(operation), schema, text);
      return [`${nameOf(operation)}: status ${status}`, ...this.#faultsOf(nameOf(operation), messages, text)];
    }
    const list = method === 'GET' ? this.operationOf(method, parentOf(path)) : undefined;
    const items = list === undefined || status === 405 ? undefined : this.#schemaOf(list, 200);
    if (list !== undefined && items !== undefined && items !== 'not JSON') {
      const name = `GET ${list.path}/{name}`;
      return [name, ...this.#faultsOf(name, status === 200 ? [...items, 'items'] : messages, text)];
    }
    const isUnknown = status === 404 || status === 405;
    const name = isUnknown ? `an unknown ${status === 404 ? 'path' : 'method'}` : `${method} ${path.split('?')[0]}`;
    return [name, ...this.#faultsOf(name, messages, text)];
  }

  /** Where the document has the schema of an answer; undefined where the status, or a body for it, is not described. */
  #schemaOf({ method, path }: Operation, status: number): readonly string[] | 'not JSON' | undefined {
    const response = ['paths', path, method.toLowerCase(), 'responses', String(status)];
    const reference = textAt(this.#document, ...response, '$ref');
    const content = [...(reference?.slice(2).split('/') ?? response), 'content'];
    const types = Object.keys(objectAt(this.#document, ...content));
    if (types.includes('application/json')) return [...content, 'application/json', 'schema'];
    return types.length > 0 ? 'not JSON' : undefined;
  }

  #faultsOf(name: string, place: readonly string[], text: string): readonly string[] {
    const body = jsonOf(text);
    if (body === undefined) return [`${name}: ${text === '' ? 'no body' : 'a body that is not JSON'}`];
    const pointer = place.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
    let validate = this.#validators.get(pointer);
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: encodeURI(`${documentId}#/${pointer}`) });
      this.#validators.set(pointer, validate);
    }
    validate(body);
    const faults = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if');
    return [...new Set(faults.map((fault) => faultText(name, fault)))];
  }
}

const documentId = 'linstor';

const messages = ['components', 'schemas', 'ApiCallRcList'];

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

const formats = {
  int32: { type: 'number', validate: (value: number) => value === (value | 0) },
  // JavaScript's numbers do not hold 64 bits: that codes are exact is the business of other tests.
  int64: { type: 'number', validate: (value: number) => Number.isInteger(value) && Math.abs(value) <= 2 ** 63 },
  double: { type: 'number', validate: (value: number) => Number.isFinite(value) },
  'date-time': (value: string) => rfc3339.test(value) && !Number.isNaN(Date.parse(value)),
  binary: true,
  password: true,
} as const;

export function nameOf({ method, path }: Operation): string {
  return `${method} ${path}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function partsOf(path: string): readonly string[] {
  return (path.split('?')[0] ?? '').split('/').filter((part) => part !== '');
}

function parentOf(path: string): string {
  return `/${partsOf(path).slice(0, -1).join('/')}`;
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  return (
    pattern.length === parts.length && pattern.every((part, index) => part.startsWith('{') || part === parts[index])
  );
}

/** `name`: the operation, for what is no part of a named schema. */
function faultText(name: string, { keyword, params, parentSchema, data }: ErrorObject): string {
  const place = textAt(parentSchema, placeKeyword) ?? name;
  const { additionalProperty, missingProperty, type, format } = params as Readonly<Record<string, string>>;
  if (keyword === 'additionalProperties') return `${place}.${additionalProperty}: not described`;
  if (keyword === 'required') return `${place}.${missingProperty}: required, and absent`;
  if (keyword === 'enum') return `${place}: ${JSON.stringify(data)}`;
  return `${place}: no ${type ?? format ?? keyword}`;
}
