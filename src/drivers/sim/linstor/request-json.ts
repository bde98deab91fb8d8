import type { Json } from '../../../model/json.ts';
import { knownProperties } from './java-hash.ts';

/**
 * What a part of a body has to be. An object's type carries the name of its Java class, which refusals quote; `texts` is a
 * map of texts, `any` a part that is not looked into.
 */
export type Shape =
  | 'any'
  | 'text'
  | 'texts'
  | 'number'
  | 'flag'
  | { readonly list: Shape }
  | { readonly array: Shape }
  | ObjectShape;

export interface ObjectShape {
  /** `ResourceDefinitionCreate` */
  readonly type: string;
  readonly fields: Readonly<Record<string, Shape>>;
}

/** A body, or the words of LINSTOR's parser (Jackson, `fasterxml/jackson-core`) about what is wrong with it. */
export type ReadBody =
  | { readonly kind: 'read'; readonly body: Json }
  | { readonly kind: 'bad'; readonly details: string };

/**
 * Reads a body the way LINSTOR does: token by token, so that the first thing wrong is told, be it a character or a field that
 * the type does not have. What follows the value is not looked at.
 */
export function readBody(text: string, shape: Shape): ReadBody {
  const reader = new BodyReader(text);
  try {
    return { kind: 'read', body: reader.read(shape) };
  } catch (cause) {
    if (cause instanceof Fault) return { kind: 'bad', details: cause.message };
    throw cause;
  }
}

class Fault extends Error {}

const javaPackage = 'com.linbit.linstor.api.rest.v1.serializer.JsonGenTypes$';
const source = 'Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)';
const tokenNames: Readonly<Record<string, string>> = { '{': 'Object', '[': 'Array' };

class BodyReader {
  readonly #text: string;
  #at = 0;
  /** Where in the body the reader is: `Class["field"]` and `java.util.ArrayList[0]`. */
  readonly #chain: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  read(shape: Shape): Json {
    this.#skipSpace();
    if (this.#at >= this.#text.length) {
      throw new Fault(`No content to map due to end-of-input\n at [${source}; line: 1]`);
    }
    return this.#value(shape);
  }

  #value(shape: Shape): Json {
    const start = this.#at;
    const first = this.#text.charAt(start);
    if (first !== 'n') this.#refuseOther(shape, first, start);
    if (first === '{') return this.#object(shape);
    if (first === '[') return this.#list(shape);
    if (first === '"') return this.#string(shape, start);
    return this.#literal(shape);
  }

  /** An object where a list is wanted, a list where a text is wanted. */
  #refuseOther(shape: Shape, first: string, start: number): void {
    const found = tokenNames[first];
    if (found === undefined || shape === 'any' || wantsToken(shape) === first) return;
    const token = `token \`JsonToken.START_${found.toUpperCase()}\``;
    this.#refuse(`Cannot deserialize value of type \`${javaName(shape)}\` from ${found} value (${token})`, start);
  }

  #object(shape: Shape): Json {
    // Entries, not assignments: a field may be called `__proto__`.
    const entries: [string, Json][] = [];
    this.#at++;
    for (let isFirst = true; ; isFirst = false) {
      this.#skipSpace();
      if (this.#next() === '}') break;
      if (!isFirst) {
        if (this.#next() !== ',') this.#unexpected('was expecting comma to separate Object entries');
        this.#at++;
        this.#skipSpace();
      }
      if (this.#next() !== '"') this.#unexpected('was expecting double-quote to start field name');
      const name = this.#quoted();
      this.#skipSpace();
      if (this.#next() !== ':') this.#unexpected('was expecting a colon to separate field name and value');
      this.#at++;
      this.#skipSpace();
      entries.push([name, this.#field(shape, name)]);
    }
    this.#at++;
    return Object.fromEntries(entries);
  }

  #field(shape: Shape, name: string): Json {
    this.#chain.push(`${classOf(shape)}["${name}"]`);
    const inner = fieldShape(shape, name);
    if (inner === undefined) this.#refuseField(shape as ObjectShape, name);
    const value = this.#value(inner ?? 'any');
    this.#chain.pop();
    return value;
  }

  /** The place that is told is where the parser has got to: behind a number or a word, in front of a text. */
  #refuseField(shape: ObjectShape, name: string): never {
    if (/[{["]/.test(this.#next())) this.#at++;
    else this.#literal('any');
    const known = knownProperties(Object.keys(shape.fields));
    const list = known.map((each) => `"${each}"`).join(', ');
    const type = `class ${javaPackage}${shape.type}`;
    return this.#refuse(
      `Unrecognized field "${name}" (${type}), not marked as ignorable (${known.length} known properties: ${list})`,
      this.#at,
    );
  }

  #list(shape: Shape): Json {
    const values: Json[] = [];
    this.#at++;
    for (;;) {
      this.#skipSpace();
      if (this.#next() === ']') break;
      if (values.length > 0) {
        if (this.#next() !== ',') this.#unexpected('was expecting comma to separate Array entries');
        this.#at++;
        this.#skipSpace();
      }
      this.#chain.push(`${classOf(shape)}[${values.length}]`);
      values.push(this.#value(entryShape(shape)));
      this.#chain.pop();
    }
    this.#at++;
    return values;
  }

  #string(shape: Shape, start: number): Json {
    const text = this.#quoted();
    if (shape === 'number') {
      if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
      this.#refuse(
        `Cannot deserialize value of type \`long\` from String "${text}": not a valid \`long\` value`,
        start,
      );
    }
    return shape === 'flag' ? text === 'true' : text;
  }

  /** A number, or one of the three words. A number is a text where a text is wanted. */
  #literal(shape: Shape): Json {
    const start = this.#at;
    const word = /^[-+.\w$]*/.exec(this.#text.slice(start))?.[0] ?? '';
    if (word === '') {
      if (this.#at >= this.#text.length) this.#endOfInput();
      this.#unexpected(
        "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
      );
    }
    this.#at += word.length;
    if (word === 'null') return null;
    if (word === 'true' || word === 'false') return shape === 'text' ? word : word === 'true';
    if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(word)) return shape === 'text' ? word : Number(word);
    const wanted = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    return this.#refuse(`Unrecognized token '${word}': was expecting ${wanted}`, start, false);
  }

  #quoted(): string {
    const end = /"(?:[^"\\]|\\.)*"/sy;
    end.lastIndex = this.#at;
    const found = end.exec(this.#text)?.[0];
    if (found === undefined) {
      this.#at = this.#text.length;
      this.#refuse('Unexpected end-of-input in VALUE_STRING', this.#at, false);
    }
    const start = this.#at;
    this.#at += found.length;
    this.#checkQuoted(found, start);
    return JSON.parse(found) as string;
  }

  /** Refuses what a text may not hold: a control character as it is, or an escape that there is not. */
  #checkQuoted(found: string, start: number): void {
    for (let index = 1; index < found.length - 1; index++) {
      const char = found.charAt(index);
      if (char < ' ') {
        const problem = `Illegal unquoted character (${described(char)}): has to be escaped using backslash to be included in string value`;
        this.#refuse(problem, start + index, false);
      }
      if (char !== '\\') continue;
      index += 1;
      const escaped = found.charAt(index);
      if (!'"\\/bfnrtu'.includes(escaped))
        this.#refuse(`Unrecognized character escape ${described(escaped)}`, start + index, false);
      if (escaped !== 'u') continue;
      const digits = /^[0-9a-fA-F]{0,4}/.exec(found.slice(index + 1))?.[0].length ?? 0;
      const wanted = 'expected a hex-digit for character escape sequence';
      const other = found.charAt(index + 1 + digits);
      if (digits < 4)
        this.#refuse(`Unexpected character (${described(other)}): ${wanted}`, start + index + 1 + digits, false);
      index += 4;
    }
  }

  #next(): string {
    if (this.#at >= this.#text.length) this.#endOfInput();
    return this.#text.charAt(this.#at);
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #unexpected(wanted: string): never {
    const found = this.#text.charAt(this.#at);
    return this.#refuse(`Unexpected character ('${found}' (code ${found.charCodeAt(0)})): ${wanted}`, this.#at, false);
  }

  #endOfInput(): never {
    return this.#refuse('Unexpected end-of-input within/between Object entries', this.#text.length, false);
  }

  /** What is wrong with a character has no place in the object. */
  #refuse(problem: string, offset: number, withChain = true): never {
    const before = this.#text.slice(0, offset).split('\n');
    const place = `line: ${before.length}, column: ${(before.at(-1) ?? '').length + 1}`;
    const chain = withChain && this.#chain.length > 0 ? ` (through reference chain: ${this.#chain.join('->')})` : '';
    throw new Fault(`${problem}\n at [${source}; ${place}]${chain}`);
  }
}

function isObjectShape(shape: Shape): shape is ObjectShape {
  return typeof shape === 'object' && 'fields' in shape;
}

function wantsToken(shape: Shape): string | undefined {
  if (shape === 'texts' || isObjectShape(shape)) return '{';
  return typeof shape === 'object' ? '[' : undefined;
}

function fieldShape(shape: Shape, name: string): Shape | undefined {
  if (shape === 'texts') return 'text';
  if (!isObjectShape(shape)) return 'any';
  return Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
}

function entryShape(shape: Shape): Shape {
  if (typeof shape !== 'object') return 'any';
  if ('list' in shape) return shape.list;
  return 'array' in shape ? shape.array : 'any';
}

/** A container as a reference chain names it. */
function classOf(shape: Shape): string {
  if (isObjectShape(shape)) return `${javaPackage}${shape.type}`;
  if (typeof shape === 'object') return 'list' in shape ? 'java.util.ArrayList' : 'java.lang.Object[]';
  return 'java.util.LinkedHashMap';
}

function javaName(shape: Shape): string {
  if (isObjectShape(shape)) return `${javaPackage}${shape.type}`;
  if (typeof shape === 'object') {
    if ('list' in shape) return `java.util.ArrayList<${javaName(shape.list)}>`;
    return `${javaName(shape.array)}[]`;
  }
  const names = { any: 'java.lang.Object', text: 'java.lang.String', number: 'long', flag: 'boolean' } as const;
  return shape === 'texts' ? 'java.util.LinkedHashMap<java.lang.String,java.lang.String>' : names[shape];
}

/** A character as Jackson names it (`_getCharDesc` in `ParserMinimalBase.java` of FasterXML/jackson-core). */
function described(char: string): string {
  const code = char.charCodeAt(0);
  if (code < 32 || (code >= 127 && code < 160)) return `(CTRL-CHAR, code ${code})`;
  return code > 255 ? `'${char}' (code ${code} / 0x${code.toString(16)})` : `'${char}' (code ${code})`;
}
