import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBody, type Shape } from '../../../../src/drivers/sim/linstor/request-json.ts';
import { shapes } from '../../../../src/drivers/sim/linstor/request-shapes.ts';

const source = 'Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)';

function fault(text: string, shape: Shape): string {
  const read = readBody(text, shape);
  return read.kind === 'bad' ? read.details : `read ${JSON.stringify(read.body)}`;
}

test('JSON of any kind is read as JSON.parse does where nothing is asked of its shape', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(readBody(text, 'any')).toEqual({ kind: 'read', body: JSON.parse(text) });
    }),
  );
});

test('a field that every JavaScript object has by another way is a field like any other', () => {
  const text = '{"__proto__": {"a": 1}, "constructor": 2}';
  expect(readBody(text, 'any')).toEqual({ kind: 'read', body: JSON.parse(text) });
  for (const name of ['__proto__', 'constructor'])
    expect(fault(`{"${name}": 1}`, shapes.definitionModify)).toContain(`Unrecognized field "${name}"`);
});

test('no text makes the reader throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(['read', 'bad']).toContain(readBody(text, shapes.definitionModify).kind);
    }),
  );
});

test.each<[string, string, number]>([
  ['{"resource_group": "\\ "}', "Unrecognized character escape ' ' (code 32)", 22],
  ['{"resource_group": "\t"}', 'Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped', 21],
  ['{"resource_group": "\\u12x4"}', "Unexpected character ('x' (code 120)): expected a hex-digit", 25],
])('a text that is none is told of: %j', (text, problem, column) => {
  const read = readBody(text, shapes.definitionModify);
  expect(read).toMatchObject({ kind: 'bad' });
  expect(JSON.stringify(read)).toContain(JSON.stringify(problem).slice(1, -1));
  expect(JSON.stringify(read)).toContain(`line: 1, column: ${column}`);
});

describe('what is no JSON is told with its place', () => {
  test.each([
    ['', `No content to map due to end-of-input\n at [${source}; line: 1]`],
    [
      '{nope}',
      `Unexpected character ('n' (code 110)): was expecting double-quote to start field name\n at [${source}; line: 1, column: 2]`,
    ],
    [
      '{"override_props": {},',
      `Unexpected end-of-input within/between Object entries\n at [${source}; line: 1, column: 23]`,
    ],
    [
      '\n x',
      `Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [${source}; line: 2, column: 2]`,
    ],
  ])('%j', (text, details) => {
    expect(fault(text, shapes.definitionModify)).toBe(details);
  });
});

describe('what is JSON of another shape is told with its place in the object', () => {
  const type = 'com.linbit.linstor.api.rest.v1.serializer.JsonGenTypes$';

  test('a field that the type does not have: with those that it has, in the order of the parser’s hash table', () => {
    expect(fault('{"resource_definition": {"name": "u2", "surprise": 1}}', shapes.definitionCreate)).toBe(
      `Unrecognized field "surprise" (class ${type}ResourceDefinition), not marked as ignorable (8 known properties: "props", "flags", "layer_data", "name", "resource_group_name", "external_name", "uuid", "volume_definitions")\n at [${source}; line: 1, column: 53] (through reference chain: ${type}ResourceDefinitionCreate["resource_definition"]->${type}ResourceDefinition["surprise"])`,
    );
  });

  test.each([
    ['[]', shapes.definitionModify, `type \`${type}ResourceDefinitionModify\` from Array value`],
    ['{"a":1}', shapes.resourcesCreate, `type \`${type}ResourceCreate[]\` from Object value`],
    ['{"override_props": {"Aux/x": {}}}', shapes.nodeModify, 'type `java.lang.String` from Object value'],
    ['{"size_kib": "big"}', shapes.volumeDefinitionModify, 'type `long` from String "big": not a valid `long` value'],
  ] as const)('%s', (text, shape, part) => {
    expect(fault(text, shape)).toContain(`Cannot deserialize value of ${part}`);
  });

  test('a number as a text and a text as a number are taken', () => {
    expect(readBody('{"size_kib": "20480", "override_props": {"Aux/n": 5}}', shapes.volumeDefinitionModify)).toEqual({
      kind: 'read',
      body: { size_kib: 20_480, override_props: { 'Aux/n': '5' } },
    });
  });
});
